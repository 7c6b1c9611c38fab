/** Runs the app in this process until it is told to stop, or fails. */
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { startApp } from './app.ts';
import type { Config } from './config/config.ts';
import { temporalOptions } from './temporal/connect.ts';

/** A stop that takes longer than this is ended by force. */
const STOP_WITHIN = 20_000;

/** What must never be read in a log, wherever it stands. */
const redact = ['*.token', '*.botToken', '*.signingSecret', '*.secrets', '*.keys', 'headers.authorization'];

/** @throws what `startApp` throws */
export async function runUntilStopped(config: Config): Promise<void> {
  const log = pino({ name: 'elevate', redact });
  const app = await startApp({ config, temporal: temporalOptions(), log });
  log.info({ url: app.url }, 'Elevate is ready');
  const { close } = closeWithGrace({ delay: STOP_WITHIN, logger: false }, async ({ err }) => {
    if (err) log.fatal(plainly(err), 'stopping after a failure');
    await app.stop();
  });
  await app.failed.catch((err: unknown) => {
    log.fatal(plainly(err), 'the worker has failed; stopping');
    process.exitCode = 1;
    return close();
  });
}

/** An error without its own fields, which may quote what somebody sent (P7). */
function plainly(error: unknown): { error: { name: string; message: string; stack: string | undefined } } {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { error: { name, message, stack } };
}
