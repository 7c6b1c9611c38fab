/** Messages going out to Teams. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TeamsConfig } from '../config/config.ts';
import { loggable } from '../core/loggable.ts';
import type { Cards, Chat, Clock, Directory, Ids, Log, Tokens } from '../core/ports.ts';
import { createChat } from '../core/showing/chat.ts';
import type { Connector } from './connector.ts';
import { createPace } from './pace.ts';
import type { Places } from './places.ts';
import { createTeamsPosting } from './posting.ts';

/** The chat of the configured tenants. Showing throws `ChatBusy` or `unavailable` once everything was tried. */
export function createTeamsMessenger(deps: {
  connector: Connector;
  places: Places;
  cards: Cards;
  directory: Directory;
  tokens: Pick<Tokens, 'mint'>;
  hash: Ids['hash'];
  config: Pick<TeamsConfig, 'tenants'>;
  log: Log;
  now: Clock;
  pause?: (ms: number) => Promise<void>;
}): Chat {
  const { connector, places, cards, directory, tokens, hash, config, log, now } = deps;
  const pace = createPace({ now, pause: deps.pause ?? ((ms) => sleep(ms)) });
  const posting = createTeamsPosting({ connector, places, pace, mint: tokens.mint, now });
  return createChat({ platform: 'teams', tenants: config.tenants, directory, posting, cards, hash, log, loggable });
}
