/** Which execution is meant: an id, at least six characters of one, or none where only one fits. */
import type { Text } from './card.ts';
import type { Row } from './ports.ts';
import { say } from './words.ts';

export type Purpose = 'show' | 'cancel' | 'done' | 'terminate';

export type Chosen = { id: string } | { several: Row[]; nothing: Text };

const WHOLE = /^wf_[0-9a-z]{26}$/;
const LOOKED_AT = 50;
const OFFERED = 8;

export async function choose(
  purpose: Purpose,
  part: string | undefined,
  list: (filter: { open?: boolean; limit: number }) => Promise<Row[]>,
): Promise<Chosen> {
  if (part !== undefined && WHOLE.test(part)) return { id: part };
  const rows = await list({ ...(purpose === 'show' ? {} : { open: true }), limit: LOOKED_AT });
  const fitting = rows.filter(
    (row) => fits(row, purpose) && (part === undefined || row.input.request.id.startsWith(part)),
  );
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return { id: only.input.request.id };
  return { several: fitting.slice(0, OFFERED), nothing: nothingText(purpose, part) };
}

/** `done` means what is active; cancelling works on anything open. */
function fits({ state }: Row, purpose: Purpose): boolean {
  return purpose !== 'done' || state.phase === 'active';
}

function nothingText(purpose: Purpose, part: string | undefined): Text {
  if (part !== undefined)
    return say`None of your requests begins with ${part}. See them with ${{ code: '/elevate list all' }}.`;
  if (purpose === 'done') return say`You hold no access, so there is nothing to give back.`;
  if (purpose === 'show') return say`You have not asked for anything yet.`;
  return say`You have no open requests, so there is nothing to ${purpose}.`;
}
