/** One recipient who fails does not keep the others from being told (P6). */
import { ChatBusy } from '../ports.ts';

export interface Tries {
  attempt(work: () => Promise<void>): Promise<void>;
  each<T>(recipients: readonly T[], work: (recipient: T) => Promise<void>): Promise<void>;
  /** Throws what went wrong, if anything: a wish to wait before all else. */
  raise(): void;
}

export function createTries(failed: (error: unknown) => void): Tries {
  const failures: unknown[] = [];
  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      failed(error);
      failures.push(error);
    }
  }
  return {
    attempt,
    async each(recipients, work) {
      await Promise.all(recipients.map((recipient) => attempt(() => work(recipient))));
    },
    raise() {
      const busy = failures.filter((failure) => failure instanceof ChatBusy);
      const retryAfterMs = Math.max(...busy.map((failure) => failure.retryAfterMs));
      if (busy.length > 0) throw new ChatBusy('The chat asks to wait.', { retryAfterMs, cause: busy[0] });
      if (failures.length > 0) throw failures[0];
    },
  };
}
