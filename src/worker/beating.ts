import { Context } from '@temporalio/activity';

const EVERY = 1_500;

/** Tells Temporal that this worker lives, and how far it is, for as long as the work takes. */
export async function whileBeating<T>(work: () => Promise<T>, progress?: () => object): Promise<T> {
  const context = Context.current();
  const beat = () => context.heartbeat(progress?.());
  const beating = setInterval(beat, EVERY);
  try {
    return await work();
  } finally {
    clearInterval(beating);
    // How far it came is to be seen between two tries, too.
    if (progress !== undefined) beat();
  }
}
