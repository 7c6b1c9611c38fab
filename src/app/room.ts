/** A chat that is open: its people, its messages, and its way in. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '../config/config.ts';
import type { Commands } from '../core/commands.ts';
import type { Chat, Directory } from '../core/ports.ts';

export interface Room {
  directory: Directory;
  messenger: Chat;
  /** Opens the way in. */
  receive(commands: Commands): Door;
  /** Tells operators of configured channels that get no card. */
  warnOfChannels(roles: Config['roles']): Promise<void>;
}

export interface Door {
  /** Answers one request. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Resolves when everything in flight has settled. */
  drain(): Promise<void>;
}

/** The conversations of a chat in which approvers are asked. */
export function askedIn(roles: Config['roles'], platform: string): string[] {
  const stages = Object.values(roles).flatMap(({ approval }) => approval);
  return [...new Set(stages.flatMap(({ ask }) => ask.channels[platform] ?? []))];
}
