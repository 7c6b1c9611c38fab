/**
 * Every name and shape that crosses Temporal: what a workflow is started with, what it is signalled with,
 * what it keeps, and what its activities take and give. No imports, so that both the sandbox and the server
 * can share it. Times are epoch milliseconds, durations are milliseconds.
 */

export const names = {
  elevate: 'ElevateWorkflow',
  lease: 'AccessLease',
  closeOut: 'CloseOut',
  sweep: 'Sweep',
  rebuild: 'RebuildIndex',
  /** A completed event (see {@link ElevateEvent}), from the server to ElevateWorkflow. */
  eventSignal: 'event',
  /** What became of a lease (see {@link LeaseNote}), from AccessLease to ElevateWorkflow. */
  leaseSignal: 'lease',
  /** The lease's end, moved (see {@link LeaseUntil}), from ElevateWorkflow to AccessLease. */
  untilSignal: 'until',
  stateQuery: 'state',
} as const;

// ── people ───────────────────────────────────────────────────────────────────────────────────────────────

/** Who acted, as the platform's verified payload says (T1). */
export interface Actor {
  platform: string;
  tenant: string;
  user: string;
}

/** A principal as shown to people: `id` is the company e-mail, lower case. */
export interface Person {
  id: string;
  name: string;
}

// ── what is asked for ────────────────────────────────────────────────────────────────────────────────────

/** What a role on a provider resolves to there. Two roles with equal targets are one access (T25). */
export interface Target {
  /** The provider's type: `webhook`, `log`, … */
  type: string;
  /** The system that grants: a URL, an account, … */
  system: string;
  /** What is granted there: a role, a permission set, a group, … */
  grant: string;
}

export interface Item {
  role: string;
  /** The role's title from the configuration. */
  title: string;
  /** The provider's name in the configuration. */
  provider: string;
  target: Target;
  /** Workflow id of the lease: `lease_` + hash(deployment, beneficiary, target), so one at a time (T25). */
  lease: string;
  /** The provider answers one call within this time. */
  timeoutMs: number;
  /** How to use the access once it is there. */
  howTo?: string;
}

export interface Request {
  /** `wf_` + 26 characters. */
  id: string;
  /** The workflow's name in the catalog. */
  workflow: string;
  requester: Person;
  beneficiary: Person;
  /** The account that asked; its platform and tenant are the identity source of the requester (T5). */
  actor: Actor;
  /** That account is linked to the requester by an operator or a company login (T5). */
  linked: boolean;
  items: Item[];
  durationMs: number;
  reason: string;
  createdAt: number;
  /** Hash over the request as shown (T20). */
  digest: string;
}

export interface Approvers {
  users: string[];
  groups: string[];
}

export interface Stage {
  name: string;
  approvers: Approvers;
  /** Members of each approver group when the plan was frozen: principal ids, or `platform:tenant/user` (T11). */
  members: Record<string, string[]>;
  quorum: number;
  withinMs: number;
  ask: {
    /** Channel ids by platform. */
    channels: Record<string, string[]>;
    /** Whether approvers are also asked by direct message: all of them (at most ten), or none. */
    dm: 'all' | 'none';
  };
}

/** What is frozen at creation (T8). */
export interface Plan {
  stages: Stage[];
  risk: 'low' | 'normal' | 'high';
  selfApproval: boolean;
  /** All identity sources share one company directory, so two e-mails are two people (T5). */
  oneDirectory: boolean;
  /** How often this person was refused this role in the last 24 hours (T31). */
  refusals: number;
  /** Where every new state is shown besides the index: the names of the configured chats. */
  chats: string[];
}

export interface ElevateInput {
  request: Request;
  plan: Plan;
}

/** Sealed memo of ElevateWorkflow, for decisions by the server without asking a worker. */
export interface Memo {
  owner: string;
  beneficiary: string;
  /** Equal for equal requests: tells a repeated delivery from a conflict (T22). */
  fingerprint: string;
  input: ElevateInput;
}

// ── offers and events ────────────────────────────────────────────────────────────────────────────────────

export type Choice = 'approve' | 'deny' | 'ratify';

/** What each kind of offer names beside its execution. `digest` is the request as shown, `owner` its owner's id. */
export interface OfferData {
  decision: { choice: Choice; stage: number; digest: string; owner: string };
  release: { digest: string; owner: string };
  /** `until`: the new absolute end, RFC 3339. */
  extend: { until: string; digest: string; owner: string };
  claim: { digest: string; owner: string };
  question: { stage: number; digest: string; owner: string };
  answer: { question: string; digest: string; owner: string };
  offer: { stage: number; digest: string; owner: string };
  accept: { offer: string; digest: string; owner: string };
  refuse: { offer: string; digest: string; owner: string };
  end: { digest: string; owner: string };
}

export type What = keyof OfferData;

/** Which event may be sent to which execution; never who sends it. What a signal token carries (T19). */
export type Offer<W extends What = What> = {
  [K in W]: {
    what: K;
    /** Names the offer: hash(execution, stage, digest, choice), the same in every chat. */
    id: string;
    /** Execution id. */
    execution: string;
    /** When it was made and until when it may be taken up. */
    at: number;
    expiresAt: number;
    data: OfferData[K];
  };
}[W];

/** Facts of the click, sealed into the event by the server. The workflow judges with these alone (T19). */
export interface Facts {
  principal: Person;
  actor: Actor;
  active: boolean;
  /** Which of the plan's approver groups the person is in now. */
  groups: string[];
  /** Whether today's configuration lets this person decide (T8). Always true for what only an owner does. */
  entitled: boolean;
  /** The account is linked to its principal by an operator or a company login, not merely by its e-mail (T5). */
  linked: boolean;
}

/** An offer taken up by a person. `id` = hash(offer, principal), so one person takes it up once. */
export type ElevateEvent<W extends What = What> = {
  [K in W]: {
    what: K;
    id: string;
    execution: string;
    /** First run id of the execution: events of an earlier life of the same id do not count. */
    run: string;
    /** Time of the click. */
    at: number;
    by: Facts;
    data: OfferData[K];
    /** What the person added, judged by the core. */
    extra: { reason?: string };
  };
}[W];

/** What the codec makes of a payload that is not sealed, or was sealed for another place (T23). */
export interface Unsealed {
  unsealed: true;
}

// ── state ────────────────────────────────────────────────────────────────────────────────────────────────

export type Outcome =
  | 'completed'
  | 'denied'
  | 'expired'
  | 'changed'
  | 'unratified'
  | 'revoked'
  | 'failed'
  | 'withdrawn'
  | 'terminated';

export interface Vote {
  event: string;
  stage: number;
  choice: Choice;
  by: Person;
  actor: Actor;
  linked: boolean;
  at: number;
  reason?: string;
  /** The person joined the approving group after the request was made (T11). */
  joinedLater: boolean;
}

export interface Access {
  item: number;
  state: 'none' | 'granting' | 'held' | 'kept' | 'revoking' | 'revoked' | 'refused';
  since?: number;
  until?: number;
}

export type Refusal =
  | 'self_approval'
  | 'not_approver'
  | 'joined_later'
  | 'inactive'
  | 'link_required'
  | 'already_voted'
  | 'stage_closed'
  | 'not_open_yet'
  | 'too_late'
  | 'changed_request'
  | 'not_owner'
  | 'nothing_held'
  | 'another_life'
  | 'not_supported';

/** One line of an execution's story: shown, audited, and counted. `seq` starts at 1. */
export type Entry = { seq: number; at: number } & (
  | { kind: 'requested'; by: Person }
  | { kind: 'asked'; stage: number; deadline: number }
  | { kind: 'voted'; vote: Vote }
  | { kind: 'refused'; event: string; what: What; by: Person; actor: Actor; reason: Refusal }
  | ({ kind: 'unreached' } & Unreached)
  | { kind: 'vote_dropped'; stage: number; by: Person; why: string }
  | { kind: 'approved' }
  | { kind: 'granted'; item: number; until: number }
  | { kind: 'kept'; item: number }
  | { kind: 'grant_delayed'; item: number; why: string }
  | { kind: 'grant_refused'; item: number; why: string }
  | { kind: 'ending_soon'; until: number }
  | { kind: 'released'; by: Person }
  | { kind: 'revoke_delayed'; item: number; why: string }
  | { kind: 'revoked'; item: number }
  | { kind: 'ignored'; why: 'unsealed' }
  | { kind: 'ending'; outcome: Outcome; why?: string }
  | { kind: 'closed'; outcome: Outcome; why?: string }
);

/** A way of asking a stage's approvers that a chat has given up. */
export interface Unreached {
  stage: number;
  platform: string;
  /** A channel as the configuration names it; an approver's e-mail, or their account by its key; the stage's name. */
  recipient: string;
  /** `shared`: a channel that another company reads, or may read (T30). `everybody`: no approver of the stage is there. */
  what: 'channel' | 'shared' | 'approver' | 'everybody';
  /** In this chat, when it was given up. */
  othersAsked: boolean;
}

interface Kept {
  /** Rises by one with every entry; equals the last entry's `seq`. */
  version: number;
  votes: Vote[];
  access: Access[];
  /** Ids of the events seen, so that each counts once (P3). */
  seen: string[];
}

/** Where an execution stands. `closed` means that nothing more will change but what its cards look like. */
export type State = Kept &
  (
    | { phase: 'awaiting_approval'; stage: number; openedAt: number; deadline: number }
    | { phase: 'starting'; approvedAt: number }
    | { phase: 'active'; since: number; until: number }
    | { phase: 'ending'; outcome: Outcome; why?: string }
    | { phase: 'closed'; outcome: Outcome; why?: string; closedAt: number }
  );

/** An execution as its workflow knows it: the answer to the state query. */
export interface Snapshot {
  input: ElevateInput;
  /** First run id. */
  run: string;
  state: State;
  /** The whole story so far. */
  entries: Entry[];
}

// ── leases ───────────────────────────────────────────────────────────────────────────────────────────────

export interface LeaseInput {
  execution: string;
  /** Run id of the execution that started it. */
  run: string;
  /** Index into the request's items. */
  item: number;
  request: Request;
  until: number;
  /** Start at the revocation: an earlier lease of this execution was ended by force. */
  onlyRevoke: boolean;
}

export interface LeaseUntil {
  until: number;
  /** Rises with every move; the greatest wins. */
  version: number;
}

export type LeaseNote = { item: number; at: number } & (
  | { note: 'granted'; until: number }
  | { note: 'kept' }
  | { note: 'grant_delayed'; why: string }
  | { note: 'revoke_delayed'; why: string }
);

export type LeaseEnd = { item: number; at: number } & (
  | { end: 'revoked' }
  | { end: 'kept' }
  | { end: 'refused'; why: string }
  | { end: 'never_granted' }
);

/** The result of AccessLease. `run` is that of the execution that started it, so that an older result is not taken for it (T23). */
export type LeaseResult = LeaseEnd & { run: string };

export interface CloseOutInput {
  execution: string;
  by: Person;
  at: number;
}

// ── activities ───────────────────────────────────────────────────────────────────────────────────────────

/** One call to a provider. `sequence` rises within a lease; retries keep it (T26). */
export interface ProviderCall {
  execution: string;
  item: number;
  sequence: number;
  request: Request;
  until: number;
}

/** Whether the beneficiary has the access, as the provider sees it. */
export type Seen = 'present' | 'absent' | 'unknown';

/** Says which call was done, so that neither a forged completion nor an older one is taken for it (T23). */
export interface Done {
  /** A field that no call has, so that a call's own arguments are not taken for its result. */
  done: 'grant' | 'revoke' | 'close';
  execution: string;
  sequence: number;
}

export interface ShowInput {
  /** `index`, or the name of a chat. */
  sink: string;
  input: ElevateInput;
  state: State;
  /** What happened since the last time this sink was shown a state. */
  events: Entry[];
  /** First run id of the execution. */
  run: string;
}

export type Verdict =
  | { ok: true }
  | { ok: false; kind: 'votes'; dropped: { principal: string; why: string }[] }
  | { ok: false; kind: 'requester'; why: string }
  | { ok: false; kind: 'changed'; why: string };

/** `Context` of the failures that activities raise on purpose. */
export const failures = {
  /** The provider refused for good; the message is its reason. Details: `[attempt, execution]`. */
  refused: 'ProviderRefused',
} as const;

export interface Activities {
  /** Makes one sink match a state. Returns what it could not reach of the stage that is open. */
  show(input: ShowInput): Promise<Unreached[]>;
  /** Judges requester, beneficiary, counted approvers and target again (T8, T9). */
  judge(input: { input: ElevateInput; votes: Vote[] }): Promise<Verdict>;
  /**
   * Looks what is there already, then opens the ledger row. Two steps of one activity, since nothing is granted
   * before its result is in history. `mayGrant` is false if this execution's access was already taken back.
   */
  prepare(call: ProviderCall): Promise<{ seen: Seen; mayGrant: boolean; othersOpen: boolean }>;
  grant(call: ProviderCall): Promise<Done & { attempts: number }>;
  /** Takes back; a `final` one also closes the ledger row. */
  revoke(call: ProviderCall & { final: boolean }): Promise<Done>;
  inspect(call: ProviderCall): Promise<Seen>;
  closeLedger(call: ProviderCall): Promise<Done>;
  /** Tells the operators that something needs them. */
  alert(input: { execution: string; item: number; what: 'grant' | 'revoke'; why: string }): Promise<void>;
  terminate(input: CloseOutInput): Promise<void>;
  /** What a terminated execution was, read from Temporal; nothing if it never was one of ours. */
  lastState(input: CloseOutInput): Promise<Snapshot | undefined>;
  /** Returns when no lease of the execution is open. */
  awaitLeases(input: ElevateInput): Promise<void>;
  /** Mends what was left behind: accesses that nobody takes back, rows that differ from Temporal. */
  sweep(): Promise<Swept>;
  /** Looks at every execution that Temporal keeps, and adds or corrects its row. */
  rebuildIndex(): Promise<Swept>;
}

/** How many executions were looked at, and how many rows were added or corrected. */
export interface Swept {
  looked: number;
  mended: number;
}
