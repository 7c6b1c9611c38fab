/** Runs the app in this process until it is told to stop, or fails. */
import closeWithGrace from 'close-with-grace';
import { pino, type Logger } from 'pino';
import { type App, startApp } from './app.ts';
import type { Config } from './config/config.ts';
import { ConfigError, printMistake } from './config/mistakes.ts';
import { temporalOptions } from './temporal/connect.ts';

/** A stop that takes longer than this is ended by force. */
const STOP_WITHIN = 20_000;

/** What must never be read in a log, wherever it stands. */
const redact = [
  '*.token',
  '*.botToken',
  '*.signingSecret',
  '*.password',
  '*.secrets',
  '*.keys',
  'headers.authorization',
];

/**
 * @param load reads the configuration; again at every SIGHUP
 * @throws what `load` and `startApp` throw
 */
export async function runUntilStopped(load: () => Config): Promise<void> {
  const config = load();
  // Nobody waits for a line to be written.
  const lines = pino.destination({ dest: 1, sync: false });
  const log = pino({ name: 'elevate', redact }, lines);
  const app = await startApp({ config, temporal: temporalOptions(), log });
  reloadOnSignal(app, load, log);
  log.info({ url: app.url }, 'Elevate is ready');
  const grace = { delay: STOP_WITHIN, logger: false as const, skip: ['SIGHUP' as const] };
  const { close } = closeWithGrace(grace, async ({ err }) => {
    if (err) log.fatal(plainly(err), 'stopping after a failure');
    await app.stop();
    lines.flushSync();
  });
  await app.failed.catch((err: unknown) => {
    log.fatal(plainly(err), 'the worker has failed; stopping');
    process.exitCode = 1;
    return close();
  });
}

/** One reload after the other. What is wrong is told, and what was in force stays in force. */
function reloadOnSignal(app: App, load: () => Config, log: Logger): void {
  let before = Promise.resolve();
  const reload = async () => {
    const config = load();
    await app.reload(config);
    log.info({ digest: config.digest }, 'the configuration was read again and is in force');
  };
  process.on('SIGHUP', () => {
    before = before.then(reload).catch((error: unknown) => {
      const why = error instanceof ConfigError ? error.mistakes.map(printMistake) : plainly(error);
      log.error({ why }, 'the configuration was not taken; what was in force stays in force');
    });
  });
}

/** An error without its own fields, which may quote what somebody sent (P7). */
function plainly(error: unknown): { error: { name: string; message: string; stack: string | undefined } } {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { error: { name, message, stack } };
}
