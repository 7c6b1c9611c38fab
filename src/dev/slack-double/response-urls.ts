/** What an app posts to a response address, and what people then see. Five uses within 30 minutes. */
import { type Args, type Answer, readContent } from './web-api.ts';
import { addMessage, editMessage } from './messages.ts';
import type { ResponsePost, ResponseUrl, Workspace } from './workspace.ts';

const lifetimeMs = 30 * 60_000;

export function answerResponseUrl(workspace: Workspace, id: string, args: Args): { status: number; answer: Answer } {
  const url = workspace.responseUrls.get(id);
  if (url === undefined || url.left <= 0 || workspace.now() - url.at > lifetimeMs) {
    return { status: 404, answer: { ok: false, error: url === undefined ? 'used_url' : 'expired_url' } };
  }
  const isDeletion = args['delete_original'] === true;
  const content = isDeletion ? ({ ok: true, text: '', blocks: [] } as const) : readContent(args);
  if (!content.ok) return { status: 400, answer: content };
  url.left -= 1;
  url.posts.push(args);
  show(workspace, url, args);
  return { status: 200, answer: { ok: true } };
}

function show(workspace: Workspace, url: ResponseUrl, post: ResponsePost): void {
  const original = workspace.messages.find((each) => each.channel === url.channel && each.ts === url.original);
  if (post.delete_original === true && original !== undefined) {
    workspace.messages.splice(workspace.messages.indexOf(original), 1);
    return workspace.changed();
  }
  if (post.replace_original === true && original !== undefined) return editMessage(workspace, original, post);
  showAnswer(workspace, url, post);
}

/** An answer is for that person alone unless it says `in_channel`. */
export function showAnswer(workspace: Workspace, to: { user: string; channel: string }, post: ResponsePost): void {
  addMessage(workspace, {
    channel: to.channel,
    text: post.text ?? '',
    blocks: post.blocks ?? [],
    thread_ts: post.thread_ts,
    ...(post.response_type === 'in_channel' ? {} : { onlyFor: to.user }),
  });
}
