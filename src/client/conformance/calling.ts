/** Calls to a server that claims the Execution API, and what came back, fit for a table. */
import { clean } from '../../core/clean.ts';
import { ClientError } from '../client-error.ts';
import { exchange, type Fetch } from '../exchange.ts';
import { jsonOf } from '../problem.ts';

export interface Came {
  /** 0: nothing came back. */
  status: number;
  json: unknown;
  /** One short, clean line without any secret of this run. */
  seen: string;
}

export interface Sending {
  /** Whose; left out: nobody's. */
  token?: string | undefined;
  query?: Record<string, string>;
  body?: object;
}

export type Send = (method: 'GET' | 'POST', path: string, sending: Sending) => Promise<Came>;

const shownLength = 70;
/** A token that nobody told us of, such as a signal in an answer: compact JOSE. */
const jose = /[\w-]{16,}(?:\.[\w-]*){2,4}/g;

/** @param secrets are never shown, whatever a server says; may grow while it runs */
export function createSend(api: string, fetch: Fetch, secrets: ReadonlySet<string>): Send {
  return async (method, path, { token, query, body }) => {
    const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
    const call = {
      method,
      url: `${api}${path}${search}`,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    try {
      const { status, body: said } = await exchange(call, fetch);
      return { status, json: jsonOf(said), seen: shown(`${status} ${said}`, secrets) };
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      return { status: 0, json: undefined, seen: shown(error.message, secrets) };
    }
  };
}

export function shown(text: string, secrets: ReadonlySet<string>): string {
  const told = [...secrets].reduce((rest, secret) => rest.replaceAll(secret, '…'), text);
  const line = clean(told.replace(jose, '…'));
  return line.length <= shownLength ? line : `${line.slice(0, shownLength - 1)}…`;
}
