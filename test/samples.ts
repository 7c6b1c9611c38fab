/**
 * Valid examples of what crosses Temporal. Alice asks for `admin` on `aws-prod` for an hour; Bob or anybody in
 * `sre` may approve. Every function gives fresh objects; overrides replace whole fields.
 */
import type {
  Actor,
  ElevateInput,
  Entry,
  Item,
  Person,
  Plan,
  Request,
  Stage,
  State,
  Vote,
} from '../workflows/contract.ts';
import type { ApiConfig, TeamsConfig } from '../src/config/config.ts';

/** 2026-11-25T03:00:00Z, when sample executions are created. */
export const sampleTime = Date.UTC(2026, 10, 25, 3);
export const minute = 60_000;
export const hour = 60 * minute;

export const alice: Person = { id: 'alice@example.com', name: 'Alice Archer' };
export const bob: Person = { id: 'bob@example.com', name: 'Bob Baker' };
export const carol: Person = { id: 'carol@example.com', name: 'Carol Cole' };

/** Sample execution ids, all different: `wf_` + 26 characters. */
export function sampleId(number = 1): string {
  return `wf_${String(number).padStart(26, '0')}`;
}

/** The account of a person on the sample platform. */
export function sampleActor(person: Person = alice): Actor {
  return { platform: 'chat', tenant: 'T01ACME', user: `U_${person.id.split('@')[0]}` };
}

export function sampleItem(overrides: Partial<Item> = {}): Item {
  const role = overrides.role ?? 'admin';
  const provider = overrides.provider ?? 'aws-prod';
  return {
    role,
    title: 'Production administrator',
    provider,
    target: { type: 'log', system: provider, grant: role },
    lease: `lease_${provider}_${role}`,
    timeoutMs: 10_000,
    howTo: `aws sso login --profile ${provider}-${role}`,
    ...overrides,
  };
}

export function sampleStage(overrides: Partial<Stage> = {}): Stage {
  return {
    name: 'on-call lead',
    approvers: { users: [bob.id], groups: ['sre'] },
    members: { sre: [bob.id, carol.id] },
    quorum: 1,
    withinMs: 4 * hour,
    ask: { channels: { chat: ['C02APPR'] }, dm: 'all' },
    ...overrides,
  };
}

export function sampleRequest(overrides: Partial<Request> = {}): Request {
  const requester = overrides.requester ?? alice;
  return {
    id: sampleId(),
    workflow: 'default',
    requester,
    beneficiary: requester,
    actor: sampleActor(requester),
    linked: false,
    items: [sampleItem()],
    durationMs: hour,
    reason: 'INC-42: the deploy is stuck',
    createdAt: sampleTime,
    digest: 'd'.repeat(43),
    ...overrides,
  };
}

export function samplePlan(overrides: Partial<Plan> = {}): Plan {
  return {
    stages: [sampleStage()],
    risk: 'normal',
    selfApproval: false,
    oneDirectory: true,
    refusals: 0,
    chats: ['chat'],
    ...overrides,
  };
}

export function sampleInput(overrides: { request?: Partial<Request>; plan?: Partial<Plan> } = {}): ElevateInput {
  return { request: sampleRequest(overrides.request), plan: samplePlan(overrides.plan) };
}

export function sampleVote(overrides: Partial<Vote> = {}): Vote {
  const by = overrides.by ?? bob;
  return {
    event: `event-of-${by.id}`,
    stage: 0,
    choice: 'approve',
    by,
    actor: sampleActor(by),
    linked: false,
    at: sampleTime + minute,
    joinedLater: false,
    ...overrides,
  };
}

type Phase = State['phase'];
type In<P extends Phase> = Extract<State, { phase: P }>;
type StateOverrides =
  | { [P in Phase]: { phase: P } & Partial<In<P>> }[Phase]
  | (Partial<In<'awaiting_approval'>> & { phase?: never });

/** A state in the phase that is named, by default waiting for the first stage; times follow {@link sampleTime}. */
export function sampleState(overrides: StateOverrides = {}): State {
  const kept = { version: 2, votes: [], access: [{ item: 0, state: 'none' as const }], seen: [] };
  const approved = { ...kept, votes: [sampleVote()], seen: [sampleVote().event] };
  const since = sampleTime + 2 * minute;
  const until = since + hour;
  const held = { item: 0, state: 'held' as const, since, until };
  const revoked = { item: 0, state: 'revoked' as const, since, until };
  const examples: { [P in Phase]: In<P> } = {
    awaiting_approval: {
      ...kept,
      phase: 'awaiting_approval',
      stage: 0,
      openedAt: sampleTime,
      deadline: sampleTime + 4 * hour,
    },
    starting: { ...approved, version: 4, phase: 'starting', approvedAt: sampleTime + minute },
    active: { ...approved, version: 5, access: [held], phase: 'active', since, until },
    ending: {
      ...approved,
      version: 6,
      access: [{ ...held, state: 'revoking' as const }],
      phase: 'ending',
      outcome: 'completed',
    },
    closed: {
      ...approved,
      version: 8,
      access: [revoked],
      phase: 'closed',
      outcome: 'completed',
      closedAt: until + minute,
    },
  };
  return { ...examples[overrides.phase ?? 'awaiting_approval'], ...overrides } as State;
}

/** What happened up to {@link sampleState}'s default: asked for, and put to the first stage. */
export function sampleEntries(): Entry[] {
  return [
    { seq: 1, at: sampleTime, kind: 'requested', by: alice },
    { seq: 2, at: sampleTime, kind: 'asked', stage: 0, deadline: sampleTime + 4 * hour },
  ];
}

/** One tenant and a password, and every other setting as it is where the configuration says nothing. */
export function teamsConfig(overrides: Partial<TeamsConfig> = {}): TeamsConfig {
  return {
    tenants: ['0ac3e000-0000-4000-8000-000000000001'],
    appId: '0e1e7a7e-0000-4000-8000-000000000002',
    app: { type: 'SingleTenant', password: 'not-a-real-password' },
    endpoints: {
      loginUrl: 'https://login.microsoftonline.com/botframework.com',
      oauthScope: 'https://api.botframework.com',
      tokenIssuer: 'https://api.botframework.com',
      oauthUrl: 'https://api.botframework.com',
      openIdMetadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
      emulatorOpenIdMetadataUrl: 'https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration',
      callerId: 'urn:botframework:azure',
    },
    standardEndpoints: true,
    serviceHosts: [
      'smba.trafficmanager.net',
      '*.botframework.com',
      'smba.infra.gcc.teams.microsoft.com',
      'smba.infra.gov.teams.microsoft.us',
      'smba.infra.dod.teams.microsoft.us',
    ],
    targetedMessages: false,
    serviceUrl: 'https://smba.trafficmanager.net/teams/',
    ...overrides,
  };
}

/** Every other setting as it is where the configuration says nothing. */
export function apiConfig(issuer: string, overrides: Partial<ApiConfig> = {}): ApiConfig {
  return {
    issuer,
    audience: 'elevate',
    tokenTypes: ['at+jwt'],
    principalClaim: 'email',
    groupsClaim: 'groups',
    emailTrusted: false,
    decideScope: undefined,
    clientId: undefined,
    ...overrides,
  };
}
