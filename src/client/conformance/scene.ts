/** Who takes part in a run, and the executions that it creates and ends again. */
import { at, items, opaque, text } from '../reading.ts';
import { type Came, createSend, type Send } from './calling.ts';
import type { Fetch } from '../exchange.ts';

export interface Options {
  /** Of the API: `<server>/api/v1`. */
  api: string;
  token: string;
  /** A second person, who neither owns nor decides what the first one asks for. */
  otherToken: string | undefined;
  /** Somebody who may decide it. */
  approverToken: string | undefined;
  signalToken: string | undefined;
  /** The execution that the signal token is for; left out: one of this run. */
  signalExecution: string | undefined;
  disabledWorkflow: string | undefined;
  wish: { workflow: string; input: Record<string, unknown> };
}

export interface Deps {
  fetch: Fetch;
  pause: (ms: number) => Promise<void>;
}

export interface Scene {
  options: Options;
  send: Send;
  secrets: Set<string>;
  /** Creates; whatever id comes back is ended at the latest by `clear`. */
  create(body: object, token?: string): Promise<Came>;
  /** Looks again until it fits, for half a minute at most. The last look. */
  eventually(look: () => Promise<Came>, fits: (came: Came) => boolean): Promise<Came>;
  /** Ends what is still open. Ids of what could not be ended. */
  clear(): Promise<string[]>;
}

const patience = { looks: 60, pauseMs: 500 };

export function createScene(options: Options, { fetch, pause }: Deps): Scene {
  const { api, token, otherToken, approverToken, signalToken } = options;
  const secrets = new Set([token, otherToken, approverToken, signalToken].filter((secret) => secret !== undefined));
  const send = createSend(api, fetch, secrets);
  const created = new Set<string>();

  return {
    options,
    send,
    secrets,
    async create(body, from) {
      const came = await send('POST', '/execution', { token: from, body });
      const id = opaque(came.json, 'workflow_id');
      if (id !== undefined && came.status < 300) created.add(id);
      return came;
    },
    async eventually(look, fits) {
      let came = await look();
      for (let looks = 1; looks < patience.looks && !fits(came); looks++) {
        await pause(patience.pauseMs);
        came = await look();
      }
      return came;
    },
    async clear() {
      const left: string[] = [];
      for (const id of created) {
        const { json } = await send('GET', pathOf(id), { token });
        if (text(json, 'status').toLowerCase() !== 'running') continue;
        const { status } = await send('GET', `${pathOf(id)}/cancel`, { token });
        if (status !== 200) left.push(id);
      }
      return left;
    },
  };
}

export function pathOf(id: string, call = ''): string {
  return `/execution/${encodeURIComponent(id)}${call}`;
}

/** The execution in a list, if it is there. */
export function inList({ json }: Came, id: string): unknown {
  return items(json, 'executions').find((row) => at(row, 'workflow_id') === id);
}
