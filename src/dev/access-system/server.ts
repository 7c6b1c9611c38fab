/** The access system's one address, over real HTTP on this machine alone. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AccessCall, readCall } from './calls.ts';
import { actsUnder, answerFaulty, type Fault, takeFault } from './faults.ts';
import type { AccessAnswer } from './holdings.ts';

/** More than any call of Elevate's. */
const BODY_LIMIT = 256 * 1024;

export type Moment = 'before' | 'after';

interface Deps {
  secret: string;
  faults: Fault[];
  perform(call: AccessCall): AccessAnswer;
  /** Told before and after a call takes effect; it goes on when this is done. */
  tell(call: AccessCall, moment: Moment): Promise<void>;
  calls: AccessCall[];
  rejected: string[];
}

export async function startAccessServer(
  port: number,
  deps: Deps,
): Promise<{ url: string; close: () => Promise<void> }> {
  const stopped = new AbortController();
  const server = createServer((request, response) => {
    serve(request, response, deps, stopped.signal).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the access system does not listen');
  return {
    url: `http://127.0.0.1:${address.port}/access`,
    async close() {
      stopped.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  deps: Deps,
  stopped: AbortSignal,
): Promise<void> {
  const call = await accept(request, deps);
  if (call === undefined) {
    response.writeHead(401).end();
    return;
  }
  const fault = takeFault(deps.faults, call);
  if (fault?.kind === 'duplicate') await perform({ ...call }, fault, deps, stopped);
  const answer = await perform(call, fault, deps, stopped);
  if (answerFaulty(response, fault)) return;
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}));
}

async function accept(request: IncomingMessage, { secret, rejected }: Deps): Promise<AccessCall | undefined> {
  try {
    if (request.method !== 'POST') throw new Error(`the method ${request.method}`);
    return readCall(secret, request.headers, await readText(request));
  } catch (error) {
    rejected.push(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

async function perform(
  call: AccessCall,
  fault: Fault | undefined,
  deps: Deps,
  stopped: AbortSignal,
): Promise<AccessAnswer | undefined> {
  deps.calls.push(call);
  await deps.tell(call, 'before');
  if (fault?.kind === 'delay') await sleep(fault.delayMs, undefined, { signal: stopped });
  if (!actsUnder(fault)) return undefined;
  const answer = deps.perform(call);
  await deps.tell(call, 'after');
  return answer;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new Error('the length of the body');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
