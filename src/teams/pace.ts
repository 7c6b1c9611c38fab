/** Keeps what is sent to one conversation below what Teams takes. */
import { LRUCache } from 'lru-cache';
import { ChatBusy, type Clock } from '../core/ports.ts';

export interface Pace {
  /** Resolves when the next message may go to this conversation. @throws `ChatBusy` if that is not soon */
  turn(conversation: string): Promise<void>;
}

/**
 * Teams takes 7 messages in a second, 8 in 2 s, 60 in 30 s and 1,800 in an hour, per bot and conversation. This is
 * less: other replicas send too, and so do the answers to whoever clicks.
 */
const windows = [
  { messages: 4, ms: 1_000 },
  { messages: 5, ms: 2_000 },
  { messages: 30, ms: 30_000 },
  { messages: 900, ms: 3_600_000 },
];
const longestMs = Math.max(...windows.map(({ ms }) => ms));

/** Longer than this nobody waits here; the call is made again then. */
const waitMs = 3_000;

export function createPace({ now, pause }: { now: Clock; pause: (ms: number) => Promise<void> }): Pace {
  /** When messages went, or are to go; oldest first. */
  const turns = new LRUCache<string, number[]>({ max: 1_000, ttl: longestMs, ttlResolution: 0, perf: { now } });

  return {
    async turn(conversation) {
      const at = now();
      const known = (turns.get(conversation) ?? []).filter((turn) => turn > at - longestMs && turn <= at + waitMs);
      const next = nextTurn(known, at);
      const wait = next - at;
      if (wait > waitMs) throw new ChatBusy('Too much is sent to one conversation.', { retryAfterMs: wait });
      turns.set(conversation, [...known, next]);
      if (wait > 0) await pause(wait);
    },
  };
}

/** As soon as no window holds more than it may. */
function nextTurn(turns: readonly number[], at: number): number {
  const free = windows.map(({ messages, ms }) => (turns.at(-messages) ?? -Infinity) + ms);
  return Math.max(at, ...free);
}
