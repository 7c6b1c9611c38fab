/** Bolt's logger, written to ours. */
import { type Logger, LogLevel } from '@slack/bolt';
import type { Log } from '../core/ports.ts';
import { loggable } from './failure.ts';

/**
 * Takes strings and errors only. Objects are dropped and the debug level is silent, since there Bolt and its
 * client print whole requests: reasons, tokens and addresses that answer in somebody's name (P7).
 */
export function createSlackLogger(log: Log): Logger {
  return {
    debug: () => {},
    info: (...parts) => log.info(...lineOf(parts)),
    warn: (...parts) => log.warn(...lineOf(parts)),
    error: (...parts) => log.error(...lineOf(parts)),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  };
}

function lineOf(parts: unknown[]): [object, string] {
  const error = parts.find((part) => part instanceof Error);
  const sentence = parts.filter((part) => typeof part === 'string').join(' ');
  return [
    { component: 'bolt', ...(error === undefined ? {} : loggable(error)) },
    sentence || (error === undefined ? 'a message without words' : 'an error'),
  ];
}
