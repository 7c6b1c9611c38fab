/** What a call of the connector asks for, as its address says. */
import { splitThread } from './tenant.ts';

export type Operation = 'send' | 'sendTargeted' | 'edit' | 'open' | 'member' | 'members';

/** One call, as its address says. */
export interface Asked {
  operation: Operation;
  /** Without the thread; `''` where the call names none. */
  conversation: string;
  thread: string | undefined;
  activity: string | undefined;
  member: string | undefined;
  /** Of a roster: how many at once, and from where on. */
  page?: { size: number; from: string | null };
}

/** `undefined` for what Teams does not offer, or Elevate does not use. */
export function readAsked(method: string, url: URL): Asked | undefined {
  const parts = url.pathname.split('/').map(decodeURIComponent);
  const [id, what, which] = parts.slice(parts.indexOf('conversations') + 1);
  const { base, thread } = splitThread(id ?? '');
  const about = { conversation: base, thread, activity: undefined, member: undefined };
  const route = `${method} ${what ?? ''}`;
  if (id === undefined) return method === 'POST' ? { ...about, operation: 'open' } : undefined;
  if (route === 'GET members' && which !== undefined) return { ...about, operation: 'member', member: which };
  if (route === 'GET pagedmembers') {
    const size = Number(url.searchParams.get('pageSize') ?? 200);
    return { ...about, operation: 'members', page: { size, from: url.searchParams.get('continuationToken') } };
  }
  if (route === 'PUT activities' && which !== undefined) return { ...about, operation: 'edit', activity: which };
  if (route !== 'POST activities') return undefined;
  const isTargeted = url.searchParams.get('isTargetedActivity') === 'true';
  return { ...about, operation: isTargeted ? 'sendTargeted' : 'send', activity: which };
}
