/** Messages going out to Slack. */
import type { Cards, Chat, Clock, Directory, Ids, Log, Tokens } from '../core/ports.ts';
import { createChat } from '../core/showing/chat.ts';
import { createChannels } from './channels.ts';
import type { SlackClient } from './client.ts';
import { loggable } from './failure.ts';
import { createSlackPosting } from './posting.ts';

export interface MessengerDeps {
  client: SlackClient;
  cards: Cards;
  tokens: Pick<Tokens, 'mint'>;
  directory: Directory;
  hash: Ids['hash'];
  /** The workspace that the client's token is for. */
  workspace: string;
  log: Log;
  now: Clock;
}

/** The chat of one workspace. Showing throws `ChatBusy` or `unavailable` once everything was tried. */
export function createMessenger(deps: MessengerDeps): Chat {
  const { client, cards, tokens, directory, hash, workspace, log, now } = deps;
  const posting = createSlackPosting({ client, channels: createChannels({ client, now }), mint: tokens.mint });
  return createChat({ platform: 'slack', tenants: [workspace], directory, posting, cards, hash, log, loggable });
}
