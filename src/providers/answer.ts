/** What a webhook provider's answer means (docs/webhook.md). */
import { cleanFreeText } from '../core/free-text.ts';
import { ProviderRefused } from '../core/ports.ts';
import type { Verb } from './access-event.ts';
import type { Answer } from './post.ts';

export type AccessState = 'present' | 'absent' | 'unchanged';

const states: readonly string[] = ['present', 'absent', 'unchanged'] satisfies AccessState[];
const REASON_LIMIT = 300;

/**
 * What the provider says of the access; `undefined` if it says nothing more than that it is done.
 * @throws {@link ProviderRefused} for a refused grant. A refused revoke is a failed call like any other, since
 *   taking back is never given up (P2); and so is a refused inspect. A plain Error for all else, without the body.
 */
export function readAnswer(provider: string, verb: Verb, { status, body }: Answer): AccessState | undefined {
  if (status === 409 && verb === 'grant') throw new ProviderRefused(refusalIn(body) ?? `${provider} gave no reason`);
  if (status === 409) throw new Error(`${provider} answered 409, which does not end a call to ${verb}`);
  if (status >= 300 && status <= 399) {
    throw new Error(`${provider} answered ${status}, a redirect, and redirects are not followed`);
  }
  if (status < 200 || status > 299) throw new Error(`${provider} answered ${status}`);

  if (body.trim() === '') return undefined;
  const state = fieldOf(body, 'state');
  if (!isState(state)) throw new Error(`${provider} answered ${status} with neither an empty body nor a known state`);
  if (verb === 'grant' && state === 'absent') throw new Error(`${provider} says that the access is not there`);
  if (verb === 'revoke' && state === 'present') throw new Error(`${provider} says that the access is still there`);
  return state;
}

function isState(value: unknown): value is AccessState {
  return typeof value === 'string' && states.includes(value);
}

function refusalIn(body: string): string | undefined {
  const reason = fieldOf(body, 'reason');
  if (typeof reason !== 'string') return undefined;
  const cleaned = cleanFreeText(reason);
  return cleaned === '' ? undefined : shorten(cleaned);
}

/** At most {@link REASON_LIMIT} characters, without half of one at the end. */
function shorten(text: string): string {
  if (text.length <= REASON_LIMIT) return text;
  return `${text.slice(0, REASON_LIMIT - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function fieldOf(body: string, field: string): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isObject ? Object.getOwnPropertyDescriptor(parsed, field)?.value : undefined;
  } catch {
    // No cause: it would quote the body.
    return undefined;
  }
}
