/** How Slack treats a form: what it keeps back, and what it does with the app's answer. */
import { remarksOnView } from './limits.ts';
import { replaceView } from './modals.ts';
import type { Block, Modal, Workspace } from './workspace.ts';

/** What Slack does with the answer to a form: show errors, show another view, or close. */
export function obey(workspace: Workspace, modal: Modal, body: unknown): string[] {
  const answer = (body ?? {}) as { response_action?: string; errors?: Record<string, string>; view?: Modal['view'] };
  if (answer.response_action === 'errors') {
    const inputs = new Set(
      modal.view.blocks.filter((block) => block.type === 'input').map((block) => block['block_id']),
    );
    modal.errors = answer.errors ?? {};
    workspace.changed();
    return Object.keys(modal.errors).flatMap((block) => (inputs.has(block) ? [] : [`no input is called ${block}`]));
  }
  if (answer.response_action === 'update') {
    const remarks = remarksOnView(answer.view);
    if (remarks.length === 0 && answer.view !== undefined) replaceView(workspace, modal, answer.view);
    return remarks;
  }
  const isAll = answer.response_action === 'clear';
  const closed = workspace.modals.filter((each) => each.user === modal.user && (isAll || each === modal));
  closed.forEach((each) => workspace.modals.splice(workspace.modals.indexOf(each), 1));
  workspace.changed();
  return answer.response_action === undefined || isAll ? [] : [`unknown response action ${answer.response_action}`];
}

/** Slack itself keeps a form back that misses a required input or says too much. */
export function fillIn(modal: Modal, fill: Record<string, string>): Record<string, Record<string, unknown>> {
  const inputs = modal.view.blocks.filter((block) => block.type === 'input');
  const used = new Set<string>();
  const values = inputs.map((block) => {
    const { label, element, optional } = block as unknown as Input;
    const id = String(block['block_id']);
    const key = fill[id] === undefined ? label.text : id;
    const value = fill[key] ?? '';
    used.add(key);
    if (value === '' && optional !== true) throw new Error(`Slack asks for "${label.text}" first.`);
    if (value.length > (element.max_length ?? 3000)) throw new Error(`Slack takes no more in "${label.text}".`);
    return [id, { [element.action_id]: { type: element.type, value: value === '' ? null : value } }] as const;
  });
  const unknown = Object.keys(fill).filter((key) => !used.has(key));
  if (unknown.length > 0) throw new Error(`The form does not ask for ${unknown.join(', ')}.`);
  return Object.fromEntries(values);
}

interface Input {
  label: { text: string };
  element: Block & { action_id: string; max_length?: number };
  optional?: boolean;
}
