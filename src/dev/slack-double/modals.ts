/** Opens forms and puts other views in their place. */
import { withIds } from './messages.ts';
import type { Modal, Workspace } from './workspace.ts';

export function openModal(workspace: Workspace, user: string, view: Modal['view']): Modal {
  const modal: Modal = { id: `V${workspace.next()}`, user, hash: '', view, errors: {} };
  workspace.modals.push(modal);
  replaceView(workspace, modal, view);
  return modal;
}

export function replaceView(workspace: Workspace, modal: Modal, view: Modal['view']): void {
  modal.view = { ...view, blocks: withIds(workspace, view.blocks) };
  modal.hash = `h${workspace.next()}`;
  modal.errors = {};
  workspace.changed();
}
