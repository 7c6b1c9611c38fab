/** What the executions of a run ask for: as said, or the first role of `GET /roles` that needs no form of reason. */
import { parseDuration } from '../../core/duration.ts';
import { ClientError, exit } from '../client-error.ts';
import { jsonOf } from '../problem.ts';
import { amount, at, isObject, items, text, texts } from '../reading.ts';
import type { Send } from './calling.ts';

const reason = 'Conformance run of the Execution API';
const needsInput = `Say what to ask for, as in: --input '{"role":"admin","reason":"…"}'`;

/** @throws {ClientError} `usage` where it must be said */
export async function wishInput(said: string | undefined, send: Send, token: string): Promise<Record<string, unknown>> {
  if (said !== undefined) {
    const input = jsonOf(said);
    if (isObject(input)) return input;
    throw new ClientError(exit.usage, `--input is not a JSON object. ${needsInput}`);
  }
  const { status, json, seen } = await send('GET', '/roles', { token });
  // A server of another make has no such call.
  if (status !== 200) throw new ClientError(exit.usage, `GET /roles: ${seen}\n${needsInput}`);
  const role = items(json, 'roles').find(
    (one) => text(one, 'name') !== '' && at(one, 'reason', 'pattern') === undefined,
  );
  if (role === undefined) throw new ClientError(exit.usage, `The server names no role that fits. ${needsInput}`);
  const [provider] = texts(role, 'providers');
  const shortest = text(role, 'duration', 'default');
  return {
    role: text(role, 'name'),
    ...(provider === undefined ? {} : { provider }),
    ...(parseDuration(shortest) === undefined ? {} : { duration: shortest }),
    reason: reason.padEnd(Math.min(amount(role, 'reason', 'min') ?? 0, 2_000), '.'),
  };
}
