/** Signal tokens: how long one is, and how many are minted and opened a second, forged ones too. */
import { randomBytes } from 'node:crypto';
import type { Offer } from '../workflows/contract.ts';
import { createIds } from '../src/tokens/ids.ts';
import { createTokens } from '../src/tokens/signal-token.ts';
import type { Measurement } from './measure/budgets.ts';
import { perSecond, round } from './measure/figures.ts';

const RUN_MS = 2_000;

export async function benchTokens(): Promise<Measurement[]> {
  const now = Date.now();
  const ids = createIds(randomBytes(32));
  const execution = ids.execution(['chat', 'T01ACME', 'U02BOB', 'C01', '1']);
  const digest = ids.hash(['a request']);
  const tokens = await createTokens({
    keys: [{ kid: 'k1', key: randomBytes(32) }],
    deployment: 'default/elevate',
    now: () => now,
  });
  const offer: Offer<'decision'> = {
    what: 'decision',
    id: ids.hash([execution, '0', digest, 'approve']),
    execution,
    at: now,
    expiresAt: now + 4 * 60 * 60_000,
    data: { choice: 'approve', stage: 0, digest, owner: 'alice@example.com' },
  };
  const token = await tokens.mint(offer);
  const forged = `${token.slice(0, -4)}AAAA`;
  const minted = await perSecond(RUN_MS, () => tokens.mint(offer));
  const opened = await perSecond(RUN_MS, () => tokens.open(token));
  const refused = await perSecond(RUN_MS, () => tokens.open(forged).catch(() => undefined));
  console.table([
    {
      'length of a typical token': token.length,
      'minted a second': round(minted),
      'opened a second': round(opened),
      'forged ones refused a second': round(refused),
    },
  ]);
  return [
    { budget: 'token open', where: 'one core', value: opened },
    { budget: 'token forged', where: 'one core', value: refused / opened },
  ];
}
