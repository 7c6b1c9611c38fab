/** Where a server is, as people give it. */
import { urlProblem } from '../core/urls.ts';
import { ClientError, exit } from './client-error.ts';

export interface Address {
  /** Root of the server, without a slash at its end. Names the login that is kept for it. */
  server: string;
  /** Of the Execution API: `<server>/api/v1`. */
  api: string;
}

const apiPath = '/api/v1';

/**
 * Reads `https://elevate.example.com`, with or without `/api/v1` at its end. Plain http only to this machine: a token
 * never crosses a network in the open.
 * @throws {ClientError} for any other address
 */
export function addressOf(text: string): Address {
  const problem = urlProblem(text) ?? (text.includes('?') ? 'has a query (?) in it' : undefined);
  if (problem !== undefined) throw new ClientError(exit.usage, `The address of the server ${problem}.`);
  const href = new URL(text).href.replace(/\/+$/, '');
  const server = href.endsWith(apiPath) ? href.slice(0, -apiPath.length) : href;
  return { server, api: `${server}${apiPath}` };
}
