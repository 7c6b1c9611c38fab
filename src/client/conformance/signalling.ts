/** `GET /execution/{id}/signal?input=`, as the page has it. */
import { at, items, opaque } from '../reading.ts';
import type { Came } from './calling.ts';
import { hasEnded } from './ending.ts';
import { isForbidden, isRefusedAsBad, isSignInAsked, isSuccess, once, type Row } from './rows.ts';
import { pathOf, type Scene } from './scene.ts';

const call = 'GET /execution/{id}/signal';

/** A signal that can be sent: whose, for which execution, and whether it ends it. */
interface Signal {
  input: string;
  execution: string;
  isDenial: boolean;
}

/** The denial of what was asked for, from the approver's list: nothing is granted by it. */
export async function signalOf(scene: Scene, id: string | undefined): Promise<Signal | undefined> {
  const { signalToken, signalExecution, approverToken } = scene.options;
  const execution = signalExecution ?? id;
  if (signalToken !== undefined && execution !== undefined) return { input: signalToken, execution, isDenial: false };
  if (approverToken === undefined || id === undefined) return undefined;
  const waiting = ({ json }: Came) => items(json, 'approvals').find((one) => at(one, 'workflow_id') === id);
  const came = await scene.eventually(
    () => scene.send('GET', '/approvals', { token: approverToken }),
    (list) => !isSuccess(list) || waiting(list) !== undefined,
  );
  const input = opaque(waiting(came), 'tokens', 'deny');
  if (input === undefined) return undefined;
  scene.secrets.add(input);
  return { input, execution: id, isDenial: true };
}

export function signallingRows(
  scene: Scene,
  id: string | undefined,
  needs: string | undefined,
  signal: Signal | undefined,
): Row[] {
  const { send, options, eventually } = scene;
  const { token, otherToken, approverToken } = options;
  const signaller = approverToken ?? token;
  const needsSignal = signal === undefined ? '--approver-token or --signal-token' : undefined;
  const input = signal?.input ?? '';
  const path = pathOf(signal?.execution ?? id ?? '');
  const signalled = (from: string | undefined, query?: Record<string, string>) => () =>
    send('GET', `${path}/signal`, { token: from, ...(query === undefined ? {} : { query }) });
  const row = (says: string, look: Row['look'], fits: Row['fits'], extra: Partial<Row> = {}): Row => {
    return { call, says, needs, look, fits, ...extra };
  };
  const sent = once(signalled(signaller, { input }));
  const details = () => send('GET', path, { token });
  return [
    row('requires authentication', signalled(undefined, { input: input || 'none' }), isSignInAsked),
    row('input is required', signalled(token), isRefusedAsBad),
    row(
      'input must be an encrypted signal: garbage is refused',
      signalled(token, { input: 'garbage' }),
      isRefusedAsBad,
    ),
    row(
      'input is validated: one changed letter is refused',
      signalled(signaller, { input: altered(input) }),
      isRefusedAsBad,
      {
        needs: needsSignal,
      },
    ),
    row('user must own it: another person is refused', signalled(otherToken, { input }), isForbidden, {
      needs: needsSignal ?? (otherToken === undefined ? '--other-token' : undefined),
    }),
    row(
      'message: "Signal sent successfully"',
      sent,
      (came) => isSuccess(came) && at(came.json, 'message') === 'Signal sent successfully',
      {
        needs: needsSignal,
        field: 'message',
      },
    ),
    row(
      'workflow_id: the one signalled',
      sent,
      (came) => isSuccess(came) && at(came.json, 'workflow_id') === signal?.execution,
      {
        needs: needsSignal,
        field: 'workflow_id',
      },
    ),
    row('a denial ends it', () => eventually(details, hasEnded), hasEnded, {
      needs: signal?.isDenial === true ? undefined : '--approver-token',
      field: 'status',
    }),
  ];
}

/** With another letter in its middle, where every bit of one counts. */
function altered(input: string): string {
  const middle = Math.floor(input.length / 2);
  return `${input.slice(0, middle)}${input[middle] === 'A' ? 'B' : 'A'}${input.slice(middle + 1)}`;
}
