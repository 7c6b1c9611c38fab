/** The stand-in's Web API and response addresses over real HTTP, with faults on demand. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerResponseUrl } from './response-urls.ts';
import { type Args, callMethod } from './web-api.ts';
import type { Workspace } from './workspace.ts';

/** Makes the next calls of a method go wrong. */
export interface Fault {
  /** A method's name, or `response_url`. */
  method: string;
  /** How many calls; 1 if left out. */
  times?: number;
  /** HTTP status; 429 with `retryAfter` alone, else 200. */
  status?: number;
  /** Slack's word in the answer. */
  error?: string;
  /** Seconds. */
  retryAfter?: number;
  /** Holds the answer back this long. Alone, the call then goes through. */
  hangMs?: number;
  /** The call takes effect, and its answer is lost in the fault. */
  after?: boolean;
}

export interface Call {
  method: string;
  args: Args;
  at: number;
}

export interface ApiServer {
  /** `http://127.0.0.1:PORT` */
  origin: string;
  close: () => Promise<void>;
}

interface Deps {
  workspace: Workspace;
  botToken: string;
  calls: Call[];
  faults: Fault[];
}

export async function startApiServer(deps: Deps): Promise<ApiServer> {
  const stopped = new AbortController();
  const server: Server = createServer((request, response) => {
    serve(request, response, deps, stopped.signal).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      stopped.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  deps: Deps,
  stopped: AbortSignal,
): Promise<void> {
  const { workspace, calls, faults } = deps;
  const body = await readText(request);
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  const responseId = /^\/response\/(\w+)$/.exec(path)?.[1];
  const method = responseId === undefined ? path.replace(/^\/api\//, '') : 'response_url';
  const args = parseArgs(body, request.headers['content-type'] ?? '');
  calls.push({ method, args: { ...args, token: undefined }, at: workspace.now() });

  const perform = () => {
    if (responseId !== undefined) return answerResponseUrl(workspace, responseId, args);
    return { status: 200, answer: authorise(request, args, deps.botToken) ?? callMethod(workspace, method, args) };
  };
  const fault = takeFault(faults, method);
  if (fault?.hangMs !== undefined) await sleep(fault.hangMs, undefined, { signal: stopped });
  const isBroken = fault?.status !== undefined || fault?.error !== undefined || fault?.retryAfter !== undefined;
  const done = isBroken && fault.after !== true ? undefined : perform();
  workspace.changed();
  if (!isBroken && done !== undefined) return send(response, done.status, done.answer);
  const status = fault?.status ?? (fault?.retryAfter === undefined ? 200 : 429);
  const retryAfter = fault?.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
  send(
    response,
    status,
    { ok: false, error: fault?.error ?? (status === 429 ? 'ratelimited' : 'internal_error') },
    retryAfter,
  );
}

function takeFault(faults: Fault[], method: string): Fault | undefined {
  const fault = faults.find((each) => each.method === method);
  if (fault === undefined) return undefined;
  fault.times = (fault.times ?? 1) - 1;
  if (fault.times <= 0) faults.splice(faults.indexOf(fault), 1);
  return fault;
}

function authorise(request: IncomingMessage, args: Args, botToken: string) {
  const given = request.headers.authorization?.replace(/^Bearer /, '') ?? args['token'];
  if (given === botToken) return undefined;
  return { ok: false, error: given === undefined ? 'not_authed' : 'invalid_auth' } as const;
}

/** Forms carry their structured fields as JSON. */
function parseArgs(body: string, contentType: string): Args {
  if (contentType.startsWith('application/json')) return JSON.parse(body || '{}') as Args;
  const entries = [...new URLSearchParams(body)].map(([key, value]) => [
    key,
    /^[[{]/.test(value) && structured.has(key) ? JSON.parse(value) : value,
  ]);
  return Object.fromEntries(entries) as Args;
}

const structured = new Set(['blocks', 'view', 'metadata', 'attachments']);

function send(response: ServerResponse, status: number, answer: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(answer));
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
