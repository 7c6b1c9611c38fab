/** Waiting for what a stand-in comes to hold. */

export interface Watching {
  /** Says that something changed. */
  changed(): void;
  /** Looks now and after every change until there is something. Rejects after `withinMs` (5 s). */
  until<T>(look: () => T | undefined | false, what: string, withinMs?: number): Promise<T>;
}

export function createWatching(): Watching {
  const watchers = new Set<() => void>();
  return {
    changed: () => watchers.forEach((watcher) => watcher()),
    until: (look, what, withinMs = 5_000) =>
      new Promise((resolve, reject) => {
        const watch = () => {
          const found = look();
          if (found === undefined || found === false) return false;
          end();
          resolve(found);
          return true;
        };
        const end = () => {
          clearTimeout(timer);
          watchers.delete(watch);
        };
        const timer = setTimeout(() => {
          end();
          reject(new Error(`Waited ${withinMs} ms for ${what}.`));
        }, withinMs);
        if (!watch()) watchers.add(watch);
      }),
  };
}
