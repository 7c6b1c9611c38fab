/** Who sent this, and may people of that workspace act at all? From the verified payload alone (T1, T2). */
import type { Caller } from '../core/executions.ts';

/** An admitted person's delivery, and where the answer to it goes. */
export interface Visit {
  caller: Caller;
  /** Absent for what happens inside a modal. */
  responseUrl: string | undefined;
}

export type Admission =
  | { admitted: true; visit: Visit }
  | { admitted: false; why: 'unlisted' | 'foreign' | 'nobody'; responseUrl: string | undefined };

/**
 * The workspace must be listed. For a click or a form, the person must also be of the workspace it happened in: in a
 * channel shared with another company, their people see our buttons too. An installation for a whole enterprise is
 * admitted only where the enterprise's own id is listed beside the workspace's.
 */
export function admit(body: unknown, workspaces: readonly string[]): Admission {
  const tenant = isCommand(body) ? text(body, 'team_id') : text(body, 'team', 'id');
  const user = isCommand(body) ? text(body, 'user_id') : text(body, 'user', 'id');
  const delivery = deliveryOf(body);
  const responseUrl = text(body, 'response_url');
  if (tenant === undefined || user === undefined || delivery === undefined) {
    return { admitted: false, why: 'nobody', responseUrl };
  }
  if (!workspaces.includes(tenant)) return { admitted: false, why: 'unlisted', responseUrl };
  if (isForEnterprise(body) && !workspaces.includes(enterpriseOf(body) ?? '')) {
    return { admitted: false, why: 'unlisted', responseUrl };
  }
  if (!isCommand(body) && isForeign(body, tenant)) return { admitted: false, why: 'foreign', responseUrl };
  const actor = { platform: 'slack', tenant, user };
  return { admitted: true, visit: { caller: { actor, conversation: conversationOf(body), delivery }, responseUrl } };
}

function isCommand(body: unknown): boolean {
  return text(body, 'command') !== undefined;
}

/** A form keeps its id when it is sent again, which a trigger does not (T22). */
function deliveryOf(body: unknown): string | undefined {
  return text(body, 'type') === 'view_submission' ? text(body, 'view', 'id') : text(body, 'trigger_id');
}

function conversationOf(body: unknown): string {
  return text(body, 'channel_id') ?? text(body, 'channel', 'id') ?? text(body, 'container', 'channel_id') ?? 'modal';
}

/** What is absent counts as foreign. */
function isForeign(body: unknown, tenant: string): boolean {
  const installedIn = text(body, 'view', 'app_installed_team_id') ?? tenant;
  return text(body, 'user', 'team_id') !== tenant || installedIn !== tenant;
}

function isForEnterprise(body: unknown): boolean {
  const flag = read(body, ['is_enterprise_install']);
  return flag !== undefined && flag !== false && flag !== 'false';
}

function enterpriseOf(body: unknown): string | undefined {
  return text(body, 'enterprise_id') ?? text(body, 'enterprise', 'id');
}

function text(value: unknown, ...path: string[]): string | undefined {
  const found = read(value, path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

function read(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    value,
  );
}
