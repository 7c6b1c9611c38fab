/** The form that asks for a reason before an offer is taken up. Pure: a view out, what was typed back. */
import type { types } from '@slack/bolt';
import { REASON_MAX } from '../core/taking.ts';

export const reasonFormId = 'reason';

/** Where the reason is typed; errors are shown there too. */
export const reasonBlock = 'reason';

interface Kept {
  token: string;
  channel: string;
}

/** @param label the button's own words, which name the form where they fit (Slack: at most 24 characters) */
export function reasonForm(label: string, kept: Kept): types.ModalView {
  const title = label.length > 0 && label.length <= 24 ? label : 'Add a reason';
  return {
    type: 'modal',
    callback_id: reasonFormId,
    private_metadata: JSON.stringify(kept),
    title: plain(title),
    submit: plain(title === label ? label : 'Send'),
    close: plain('Back'),
    blocks: [
      {
        type: 'input',
        block_id: reasonBlock,
        optional: true,
        label: plain('Why not? The requester sees this.'),
        element: { type: 'plain_text_input', action_id: reasonBlock, multiline: true, max_length: REASON_MAX },
      },
    ],
  };
}

/** What the form kept and what was typed into it; `undefined` if it is not one of ours. */
export function readReasonForm(view: {
  private_metadata: string;
  state: { values: Record<string, Record<string, { value?: string | null }>> };
}): (Kept & { reason: string | undefined }) | undefined {
  const kept = readKept(view.private_metadata);
  if (kept === undefined) return undefined;
  const typed = view.state.values[reasonBlock]?.[reasonBlock]?.value?.trim();
  return { ...kept, reason: typed === '' ? undefined : typed };
}

/** Shows an outcome in place of the form. */
export function outcomeView(message: { text: string; blocks?: types.KnownBlock[] }): types.ModalView {
  return {
    type: 'modal',
    title: plain('Elevate'),
    close: plain('Close'),
    blocks: message.blocks ?? [{ type: 'section', text: plain(message.text) }],
  };
}

function readKept(metadata: string): Kept | undefined {
  try {
    const { token, channel } = JSON.parse(metadata) as Partial<Record<keyof Kept, unknown>>;
    return typeof token === 'string' && typeof channel === 'string' ? { token, channel } : undefined;
  } catch {
    return undefined;
  }
}

function plain(text: string): types.PlainTextElement {
  return { type: 'plain_text', text, emoji: false };
}
