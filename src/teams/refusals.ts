/** What Teams' refusals mean for a message. */
import { ElevateError } from '../core/errors.ts';
import { ChatBusy } from '../core/ports.ts';
import { PostingRefusal, type RefusalKind } from '../core/showing/posting.ts';
import { ConnectorRefusal } from './connector.ts';

/**
 * Nothing can be written there until somebody there writes to us again, or adds the app again: blocked, taken away,
 * barred by an administrator, never there, deleted.
 */
const dead = new Set([
  'MessageWritesBlocked',
  'ConversationBlockedByUser',
  'BotNotInConversationRoster',
  'BotDisabledByAdmin',
  'ForbiddenOperationException',
  'ConversationNotFound',
]);

/** Says that our own settings name the wrong cloud, and nothing of the conversation. */
const wrongCloud = 'InvalidBotApiHost';

export function isDead(word: string): boolean {
  return dead.has(word);
}

export interface Tried {
  call: 'open' | 'look' | 'post' | 'reply' | 'edit';
  /** With nothing but text. */
  plain: boolean;
}

/**
 * `ChatBusy` where Teams says how long to wait, {@link PostingRefusal} where it will not change its mind, and
 * `unavailable` for all else: conflicts and trouble at its side, which pass, and keys, which an operator can mend.
 */
export function meaningOf(error: unknown, tried: Tried): unknown {
  if (!(error instanceof ConnectorRefusal)) return error;
  const { status, word, retryAfterMs } = error;
  if (retryAfterMs !== undefined) return new ChatBusy('Teams asks to wait.', { retryAfterMs, cause: error });
  const kind = kindOf(error, tried);
  if (kind === undefined) return new ElevateError('unavailable', `${error.message}.`, { cause: error });
  return new PostingRefusal(kind, word || `http_${status}`, error);
}

function kindOf({ status, word }: ConnectorRefusal, { call, plain }: Tried): RefusalKind | undefined {
  // What is missing is the message; for a thread Teams says of the conversation what it means of the thread.
  if (status === 404 && (call === 'reply' || (call === 'edit' && !isDead(word)))) return 'gone';
  if ((status === 403 || status === 404) && isDead(word)) return 'closed';
  // Without a word it may be a proxy that speaks.
  if (status === 403 || status === 404) return word === '' || word === wrongCloud ? undefined : 'closed';
  if (status !== 400 && status !== 413) return undefined;
  // Where Teams takes no text either, it is not the drawing that is wrong.
  return call === 'open' || plain ? 'closed' : 'undrawable';
}
