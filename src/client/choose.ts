/** Which execution is meant: an id, six characters of one, or none where only one fits. */
import type { Api, Page, Said } from './api.ts';
import { ClientError, exit } from './client-error.ts';
import { approvalLines, type Drawing, executionLines } from './drawing.ts';
import { idPart, isWhole } from './ids.ts';
import type { Approval, Execution } from './shapes.ts';

export type Purpose = 'show' | 'done' | 'cancel' | 'terminate';

/** So many pages are looked through at most. */
const maxPages = 20;

/** @throws {ClientError} `usage`, with a list, where several fit; `refused` where none does */
export async function chooseExecution(
  api: Pick<Api, 'list'>,
  purpose: Purpose,
  typed: string | undefined,
  drawing: Drawing,
): Promise<string> {
  const part = typed === undefined ? undefined : idPart(typed);
  if (part !== undefined && isWhole(part)) return part;
  const status = purpose === 'show' ? 'all' : 'running';
  const own = await everyPage((cursor) => api.list({ status, ...cursor }));
  const fitting = own.filter((one) => fits(one, purpose) && (part === undefined || one.id.startsWith(part)));
  const [only, ...others] = fitting;
  if (only === undefined) throw new ClientError(exit.refused, nothing(purpose, part));
  if (others.length === 0) return only.id;
  const lines = ['Which one?', ...executionLines(fitting, drawing), `Say it with: elevate ${purpose} <id>`];
  throw new ClientError(exit.usage, lines.join('\n'));
}

/** @throws {ClientError} as above */
export async function chooseApproval(api: Pick<Api, 'approvals'>, typed: string, drawing: Drawing): Promise<Approval> {
  const part = idPart(typed);
  const waiting = await everyPage(({ cursor }) => api.approvals(cursor));
  const fitting = waiting.filter(({ id }) => id.startsWith(part));
  const [only, ...others] = fitting;
  if (only === undefined) {
    throw new ClientError(
      exit.refused,
      `Nothing that waits for you begins with ${part}. See it with: elevate approvals`,
    );
  }
  if (others.length === 0) return only;
  throw new ClientError(exit.usage, ['Which one?', ...approvalLines(fitting, drawing)].join('\n'));
}

async function everyPage<T>(page: (at: { cursor?: string }) => Promise<Said<Page<T>>>): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < maxPages; pages++) {
    const { is } = await page(cursor === undefined ? {} : { cursor });
    rows.push(...is.rows);
    cursor = is.next;
    if (cursor === undefined) break;
  }
  return rows;
}

/** `done` means what is active; cancelling works on anything open. */
function fits({ state }: Execution, purpose: Purpose): boolean {
  return purpose !== 'done' || state === 'active';
}

function nothing(purpose: Purpose, part: string | undefined): string {
  if (part !== undefined) return `None of your requests begins with ${part}. See them with: elevate list --all`;
  if (purpose === 'done') return 'You hold no access, so there is nothing to give back.';
  if (purpose === 'show') return 'You have not asked for anything yet.';
  return `You have no open requests, so there is nothing to ${purpose}.`;
}
