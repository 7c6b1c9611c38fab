/** From the document as written to the configuration as used: defaults in, names and units ours. */
import { parseDuration } from '../core/duration.ts';
import type {
  ApiConfig,
  Approvers,
  Config,
  GroupConfig,
  ProviderConfig,
  RoleConfig,
  SlackConfig,
  StageConfig,
} from './config.ts';
import { splitKeys } from './keys.ts';
import {
  type ConfigDocument,
  defaults,
  type GroupDocument,
  type ProviderDocument,
  type RoleDocument,
  type StageDocument,
} from './schema.ts';
import { canonicalAccount, teamsOf } from './teams.ts';
import { lower } from './names.ts';
import { folder } from './urls.ts';

/** Expects a document without mistakes. `digest` is taken as given. */
export function settle(document: ConfigDocument, digest: string): Config {
  const { server, temporal, identity, limits } = document;
  return {
    server: {
      host: server?.host ?? defaults.host,
      port: Number(server?.port ?? defaults.port),
      publicUrl: server?.public_url,
    },
    temporal: { taskQueue: temporal?.task_queue ?? defaults.taskQueue },
    store: document.store ?? defaults.store,
    keys: splitKeys(document.keys),
    api: document.api && apiOf(document.api),
    slack: document.slack && slackOf(document.slack),
    teams: document.teams && teamsOf(document.teams),
    operators: approversOf(document.operators),
    auditors: approversOf(document.auditors),
    identity: {
      domains: lower(identity.domains),
      oneDirectory: identity.one_directory ?? false,
      aliases: (identity.aliases ?? []).map(lower),
      links: linksOf(identity.links),
    },
    limits: {
      openPerPerson: limits?.open_per_person ?? defaults.openPerPerson,
      perHour: limits?.per_hour ?? defaults.perHour,
    },
    groups: mapOf(document.groups, groupOf),
    providers: mapOf(document.providers, providerOf),
    roles: mapOf(document.roles, roleOf),
    workflows: mapOf({ default: defaultWorkflow, ...document.workflows }, ({ title, enabled, performs, input }) => ({
      title,
      enabled: enabled ?? true,
      performs,
      input,
    })),
    digest,
  };
}

const defaultWorkflow: NonNullable<ConfigDocument['workflows']>[string] = {
  title: 'Temporary access',
  performs: 'access',
};

// Without a prototype: a role that nobody defined is undefined, even if it is called `constructor`.
function mapOf<From, To>(entries: Record<string, From> | undefined, to: (from: From, name: string) => To) {
  const map: Record<string, To> = Object.create(null) as Record<string, To>;
  for (const [name, entry] of Object.entries(entries ?? {})) map[name] = to(entry, name);
  return map;
}

function slackOf({
  workspaces,
  signing_secret,
  bot_token,
  api_url,
}: NonNullable<ConfigDocument['slack']>): SlackConfig {
  const apiUrl = api_url ?? defaults.apiUrl;
  return {
    workspaces,
    signingSecret: signing_secret,
    botToken: bot_token,
    apiUrl: folder(apiUrl),
  };
}

/** Under the ids that actors have: those of Entra are in lower case. */
function linksOf(links: ConfigDocument['identity']['links']): Record<string, string> {
  const named = Object.entries(links ?? {}).map(([account, email]) => [canonicalAccount(account), email]);
  return mapOf(Object.fromEntries(named) as Record<string, string>, (email) => email.toLowerCase());
}

function apiOf(api: NonNullable<ConfigDocument['api']>): ApiConfig {
  return {
    issuer: api.issuer,
    audience: api.audience,
    tokenTypes: [...new Set(lower(api.token_types ?? defaults.tokenTypes))],
    principalClaim: api.principal_claim ?? defaults.principalClaim,
    groupsClaim: api.groups_claim ?? defaults.groupsClaim,
    emailTrusted: api.email_trusted ?? false,
    decideScope: api.decide_scope,
    clientId: api.client_id,
  };
}

function approversOf(approvers: ConfigDocument['operators']): Approvers {
  return { users: lower(approvers?.users ?? []), groups: approvers?.groups ?? [] };
}

function groupOf(group: GroupDocument): GroupConfig {
  if (Array.isArray(group)) return { users: lower(group), platformGroups: {} };
  const { users = [], slack_usergroup } = group;
  return { users: lower(users), platformGroups: slack_usergroup === undefined ? {} : { slack: slack_usergroup } };
}

function providerOf(provider: ProviderDocument): ProviderConfig {
  if (provider.type === 'log') return { type: 'log', timeoutMs: ms(defaults.timeout) };
  const { type, url, secret, inspects = false, timeout = defaults.timeout } = provider;
  return { type, url, secrets: typeof secret === 'string' ? [secret] : secret, inspects, timeoutMs: ms(timeout) };
}

function roleOf(role: RoleDocument, name: string): RoleConfig {
  const { reason, duration } = role;
  const maxMs = ms(duration?.max ?? defaults.maxDuration);
  return {
    title: role.title ?? name,
    providers: role.providers,
    risk: role.risk ?? defaults.risk,
    howTo: role.how_to,
    requestGroups: role.request?.groups,
    reason: {
      required: reason?.required ?? true,
      min: reason?.min ?? defaults.reasonMin,
      pattern: reason?.pattern,
      hint: reason?.hint,
    },
    duration: {
      defaultMs: duration?.default === undefined ? Math.min(ms(defaults.duration), maxMs) : ms(duration.default),
      maxMs,
    },
    approval: role.approval.map((stage, index) => stageOf(stage, index, role.approval.length)),
    selfApproval: role.self_approval ?? false,
  };
}

function stageOf(stage: StageDocument, index: number, stages: number): StageConfig {
  const { ask } = stage;
  return {
    name: stage.name ?? (stages === 1 ? 'approval' : `approval ${index + 1}`),
    approvers: approversOf(stage.approvers),
    quorum: stage.quorum ?? defaults.quorum,
    withinMs: ms(stage.within ?? defaults.within),
    ask: { channels: channelsOf(ask), dm: ask?.dm ?? defaults.dm },
  };
}

function channelsOf({
  slack = [],
  teams = [],
}: NonNullable<StageDocument['ask']> = {}): StageConfig['ask']['channels'] {
  return { ...(slack.length > 0 && { slack }), ...(teams.length > 0 && { teams }) };
}

function ms(duration: string): number {
  const length = parseDuration(duration);
  if (length === undefined) throw new RangeError('A duration was not checked before it was used');
  return length;
}
