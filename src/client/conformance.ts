/** `elevate conformance`: who takes part, the run, and the table. */
import { addressOf } from './address.ts';
import { ClientError, exit } from './client-error.ts';
import { createSend } from './conformance/calling.ts';
import { runConformance } from './conformance/run.ts';
import { findingLines, summaryLine } from './conformance/table.ts';
import { wishInput } from './conformance/wish.ts';
import { createKeptLogins } from './login/kept.ts';
import { tokenFor } from './login/session.ts';
import { ended, thisWorld, type Typed, type World } from './run.ts';

/** Ends with 1 if a row fails. */
export function runConformanceCommand(typed: Typed, world: World = thisWorld()): Promise<number> {
  return ended(world.terminal, async () => {
    const { terminal, fetch, pause } = world;
    const options = await optionsFrom(typed, world);
    const { findings, left } = await runConformance(options, { fetch, pause });
    if (typed.options['json'] === true) terminal.printJson(findings);
    else findingLines(findings, terminal.strong).forEach((line) => terminal.print(line));
    if (left.length > 0) terminal.note(`Still open, and could not be ended: ${left.join(', ')}`);
    const failed = findings.some(({ result }) => result === 'fail');
    if (failed) throw new ClientError(exit.refused, `The contract does not hold. ${summaryLine(findings)}`);
  });
}

async function optionsFrom({ arguments: [base = ''], options }: Typed, world: World) {
  const { environment, fetch, now, newId } = world;
  const option = (name: string) => (typeof options[name] === 'string' ? options[name] : undefined);
  const address = addressOf(base);
  const kept = createKeptLogins(environment.loginsFile, newId);
  const token = await tokenFor({ address, given: option('token') ?? environment.token, kept, fetch, now });
  const input = await wishInput(option('input'), createSend(address.api, fetch, new Set([token])), token);
  return {
    api: address.api,
    token,
    otherToken: option('otherToken'),
    approverToken: option('approverToken'),
    signalToken: option('signalToken'),
    signalExecution: option('signalExecution'),
    disabledWorkflow: option('disabledWorkflow'),
    wish: { workflow: option('workflow') ?? 'default', input },
  };
}
