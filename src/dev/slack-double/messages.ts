/** Puts messages into the workspace and changes them. */
import type { Block, SlackChannel, SlackMessage, Workspace } from './workspace.ts';

/** The direct message with somebody, opened if there is none. */
export function openDirectMessage(workspace: Workspace, user: string): SlackChannel {
  const id = `D${user}`;
  const open = workspace.channels.get(id) ?? {
    id,
    name: 'directmessage',
    im: user,
    is_member: true,
    is_private: true,
    is_archived: false,
    is_ext_shared: false,
  };
  workspace.channels.set(id, open);
  return open;
}

export function addMessage(
  workspace: Workspace,
  message: Pick<SlackMessage, 'channel' | 'text' | 'blocks'> & { thread_ts?: string | undefined; onlyFor?: string },
): SlackMessage {
  const seconds = Math.floor(workspace.now() / 1000);
  const added: SlackMessage = {
    channel: message.channel,
    ts: `${seconds}.${String(workspace.next()).padStart(6, '0')}`,
    thread_ts: message.thread_ts,
    text: message.text,
    blocks: withIds(workspace, message.blocks),
    onlyFor: message.onlyFor,
    edits: 0,
  };
  workspace.messages.push(added);
  workspace.changed();
  return added;
}

export function editMessage(
  workspace: Workspace,
  message: SlackMessage,
  change: { text?: string; blocks?: Block[] },
): void {
  message.text = change.text ?? message.text;
  message.blocks = change.blocks === undefined ? message.blocks : withIds(workspace, change.blocks);
  message.edits += 1;
  workspace.changed();
}

/** Slack names the blocks that have no name. */
export function withIds(workspace: Workspace, blocks: Block[]): Block[] {
  return blocks.map((block) => ({ ...block, block_id: block['block_id'] ?? `b${workspace.next()}` }));
}
