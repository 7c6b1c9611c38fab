/** Rows of the contract, and how they are judged. */
import { at } from '../reading.ts';
import { type Came, shown } from './calling.ts';

export interface Row {
  call: string;
  /** What the documentation says. */
  says: string;
  /** What is missing to try it; then it is not run, and never counts as passed. */
  needs: string | undefined;
  look: () => Promise<Came>;
  fits: (came: Came) => boolean | Promise<boolean>;
  /** The field that it is about; left out: the whole answer. */
  field?: string;
}

export interface Finding {
  call: string;
  says: string;
  came: string;
  result: 'pass' | 'fail' | 'not run';
}

export async function judge(row: Row, secrets: ReadonlySet<string>): Promise<Finding> {
  const { call, says, needs, look, fits, field } = row;
  if (needs !== undefined) return { call, says, came: `not run: needs ${needs}`, result: 'not run' };
  const came = await look();
  const value = field === undefined ? undefined : at(came.json, ...field.split('.'));
  const whole = field === undefined || came.status < 200 || came.status > 299;
  const seen = whole ? came.seen : shown(JSON.stringify(value) ?? 'nothing', secrets);
  return { call, says, came: seen, result: (await fits(came)) ? 'pass' : 'fail' };
}

/** Done once, looked at by several rows. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= work());
}

export const isSuccess = ({ status }: Came) => status === 200 || status === 201;
export const isSignInAsked = ({ status }: Came) => status === 401;
/** Not 401: a token that counts for nothing would prove nothing. */
export const isForbidden = ({ status }: Came) => status === 403 || status === 404;
export const isRefusedAsBad = ({ status }: Came) => status === 400 || status === 422;
