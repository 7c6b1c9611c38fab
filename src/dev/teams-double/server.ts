/** The stand-in's connector and its issuer's keys over real HTTP, with faults on demand. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Asked, readAsked } from './asked.ts';
import { type Answer, answerCall } from './connector.ts';
import { brokenAnswer, type Fault, takeFault } from './faults.ts';
import { type Issuer, keysPath, metadataPath } from './issuer.ts';
import type { Tenant } from './tenant.ts';

/** A call of the connector, without its token. */
export interface Call extends Asked {
  body: unknown;
  /** What it was answered; 0 as long as it was not. */
  status: number;
  at: number;
}

export interface TeamsServer {
  /** `http://127.0.0.1:PORT` */
  origin: string;
  /** Drops what hangs; its callers see the connection break. */
  release: () => void;
  close: () => Promise<void>;
}

interface Deps {
  tenant: Tenant;
  issuer: Issuer;
  mayCall: (authorization: string | undefined) => boolean;
  calls: Call[];
  faults: Fault[];
}

export const servicePath = '/emea/';

export async function startTeamsServer(deps: Deps): Promise<TeamsServer> {
  let patience = new AbortController();
  const server = createServer((request, response) => {
    serve(request, response, deps, patience.signal).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const release = () => {
    patience.abort();
    patience = new AbortController();
  };
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    release,
    close: async () => {
      release();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  deps: Deps,
  released: AbortSignal,
): Promise<void> {
  const { tenant, issuer, mayCall, calls, faults } = deps;
  const text = await readText(request);
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const { pathname } = url;
  const perform = (at: Fault['on'], answer: () => Answer, conversation?: string) =>
    withFaults({ fault: takeFault(faults, at, conversation), answer, response, released });

  if (pathname === metadataPath)
    return void (await perform('metadata', () => ({
      status: 200,
      body: issuer.metadata(`http://127.0.0.1:${request.socket.localPort}`),
    })));
  if (pathname === keysPath) return void (await perform('keys', () => ({ status: 200, body: issuer.keys() })));
  const asked = pathname.startsWith(`${servicePath}v3/conversations`)
    ? readAsked(request.method ?? '', url)
    : undefined;
  if (asked === undefined)
    return send(response, { status: 404, body: { error: { code: 'NotFound', message: 'Nothing here.' } } });
  const call: Call = { ...asked, body: jsonOf(text), status: 0, at: tenant.now() };
  calls.push(call);
  tenant.changed();
  const isKnown = mayCall(request.headers.authorization);
  call.status = await perform(
    asked.operation,
    () => (isKnown ? answerCall(tenant, asked, text) : unknownCaller),
    asked.conversation,
  );
  tenant.changed();
}

const unknownCaller: Answer = {
  status: 401,
  body: { error: { code: 'Unauthorized', message: 'Authorization has been denied for this request.' } },
};

/** @returns the status that was answered */
async function withFaults(deps: {
  fault: Fault | undefined;
  answer: () => Answer;
  response: ServerResponse;
  released: AbortSignal;
}): Promise<number> {
  const { fault, answer, response, released } = deps;
  if (fault?.hangMs !== undefined) await sleep(fault.hangMs, undefined, { signal: released });
  const isBroken = fault?.status !== undefined || fault?.word !== undefined || fault?.retryAfter !== undefined;
  const done = isBroken && fault.after !== true ? undefined : answer();
  const given = isBroken || done === undefined ? brokenAnswer(fault ?? { on: 'send' }) : done;
  send(response, given, fault?.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) });
  return given.status;
}

function send(response: ServerResponse, { status, body }: Answer, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function jsonOf(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return text;
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
