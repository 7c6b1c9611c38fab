/** What a stand-in workspace holds: people, channels, messages, open forms, and the short-lived keys Slack hands out. */
import { createWatching, type Watching } from '../watching.ts';

export interface SlackUser {
  id: string;
  name: string;
  email: string;
  is_email_confirmed: boolean;
  deleted: boolean;
  is_bot: boolean;
  is_restricted: boolean;
  is_ultra_restricted: boolean;
  is_stranger: boolean;
  team_id: string;
  tz: string;
}

export interface SlackChannel {
  id: string;
  name: string;
  /** The other person of a direct message. */
  im: string | undefined;
  /** The bot is in it. */
  is_member: boolean;
  is_private: boolean;
  is_archived: boolean;
  /** Shared with another company. */
  is_ext_shared: boolean;
}

export type Block = Record<string, unknown> & { type: string };

export interface SlackMessage {
  channel: string;
  ts: string;
  thread_ts: string | undefined;
  text: string;
  blocks: Block[];
  /** The one person who sees an ephemeral message. */
  onlyFor: string | undefined;
  /** How often it was edited. */
  edits: number;
}

export interface Modal {
  id: string;
  user: string;
  hash: string;
  view: Record<string, unknown> & { blocks: Block[] };
  /** Errors shown under its inputs, by block id. */
  errors: Record<string, string>;
}

export interface ResponseUrl {
  id: string;
  at: number;
  left: number;
  user: string;
  channel: string;
  /** The message that was clicked. */
  original: string | undefined;
  posts: ResponsePost[];
}

export interface ResponsePost {
  text?: string;
  blocks?: Block[];
  response_type?: string;
  replace_original?: boolean;
  delete_original?: boolean;
  thread_ts?: string;
}

export interface Workspace extends Watching {
  team: { id: string; domain: string };
  bot: { user: string; id: string; app: string };
  now: () => number;
  users: Map<string, SlackUser>;
  channels: Map<string, SlackChannel>;
  usergroups: Map<string, string[]>;
  messages: SlackMessage[];
  modals: Modal[];
  triggers: Map<string, { at: number; used: boolean; user: string }>;
  responseUrls: Map<string, ResponseUrl>;
  /** Rises; part of every id and timestamp. */
  next(): number;
}

export function createWorkspace(options: { team: { id: string; domain: string }; now: () => number }): Workspace {
  let sequence = 0;
  return {
    team: options.team,
    bot: { user: 'UBOT', id: 'BBOT', app: 'AELEVATE' },
    now: options.now,
    users: new Map(),
    channels: new Map(),
    usergroups: new Map(),
    messages: [],
    modals: [],
    triggers: new Map(),
    responseUrls: new Map(),
    next: () => (sequence += 1),
    ...createWatching(),
  };
}

export function mintTrigger(workspace: Workspace, user: string): string {
  const id = `${workspace.next()}.${workspace.team.id}.trigger`;
  workspace.triggers.set(id, { at: workspace.now(), used: false, user });
  return id;
}

export function mintResponseUrl(
  workspace: Workspace,
  about: Pick<ResponseUrl, 'user' | 'channel' | 'original'>,
): ResponseUrl {
  const minted: ResponseUrl = { id: `r${workspace.next()}`, at: workspace.now(), left: 5, posts: [], ...about };
  workspace.responseUrls.set(minted.id, minted);
  return minted;
}
