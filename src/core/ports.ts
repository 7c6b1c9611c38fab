/**
 * What the core needs of the world, in its own words. Each interface is implemented in one folder beside
 * `core/` and wired in `app.ts`. Every method that reaches a network or a disk throws `ElevateError`
 * `unavailable` when that fails, with the foreign error as its cause.
 */
import type {
  Actor,
  CloseOutInput,
  ElevateEvent,
  ElevateInput,
  Entry,
  Memo,
  Offer,
  Outcome,
  Person,
  ProviderCall,
  Seen,
  Snapshot,
  State,
  Target,
  Unreached,
} from '../../workflows/contract.ts';

/** Milliseconds since the epoch. */
export type Clock = () => number;

// ── Temporal ─────────────────────────────────────────────────────────────────────────────────────────────

export interface Described {
  /** False for a workflow of this id that is not an ElevateWorkflow or whose memo we did not seal. */
  ours: true;
  run: string;
  firstRun: string;
  open: boolean;
  /** Temporal's status in lower case: `running`, `completed`, `canceled`, `terminated`, `failed`, … */
  status: string;
  startedAt: number;
  closedAt?: number;
  memo: Memo;
}

export interface Gateway {
  /**
   * Starts ElevateWorkflow. `repeated` means that it was there already, for the same owner and fingerprint.
   * @throws `conflict` if it was there for something else; `unavailable`
   */
  start(input: ElevateInput, memo: Memo): Promise<{ run: string; repeated: boolean }>;
  /**
   * `undefined` for an id that is unknown or not one of ours.
   * @param run this life of the id alone, where somebody else may have started another since
   */
  describe(execution: string, run?: string): Promise<Described | undefined>;
  /** @throws `execution_closed`, `unavailable` */
  signal(event: ElevateEvent): Promise<void>;
  /** Asks for cancellation. @throws `execution_closed`, `unavailable` */
  cancel(execution: string, run: string): Promise<void>;
  /** Starts CloseOut; starting it again is success. */
  closeOut(input: CloseOutInput): Promise<void>;
  /** How far the CloseOut of an execution is: never started, at work, or over, and then it does not start again. */
  closingOut(execution: string): Promise<'none' | 'running' | 'over'>;
  /** Ends the execution at once. An execution that is closed or unknown is success. */
  terminate(input: CloseOutInput): Promise<void>;
  /** The state inside the workflow, open or closed; needs a worker. `undefined` if it has none of ours. */
  state(execution: string, run?: string): Promise<Snapshot | undefined>;
  /** Whether this lease is open and belongs to this execution, or to this run of it. */
  leaseOpen(lease: string, execution: string, run?: string): Promise<boolean>;
  /** Whether a worker polls the task queue. */
  hasWorker(): Promise<boolean>;
  /** Temporal answers within a second. */
  ping(): Promise<void>;
  /** Whether Temporal answered when it was asked last, two seconds ago at most. Never throws. */
  answers(): Promise<boolean>;
  /** The first events of a run, the newest if none is named; at most 500, oldest first. `undefined` if Temporal keeps none of it. */
  history(execution: string, run?: string): Promise<History | undefined>;
  /**
   * Executions of this deployment that Temporal's visibility lists: all of them, or those that started or closed since
   * then. Open ones first, then newest first, page by page; visibility lags behind by a moment.
   */
  listed(since?: number): AsyncIterable<Sighted>;
}

/** An execution as visibility lists it: the id may be that of something else, and it may have closed since. */
export interface Sighted {
  execution: string;
  open: boolean;
}

/** Temporal's own account of a run: what happened when, and nothing of what was said. */
export interface History {
  /** `type` as Temporal names it: `WorkflowExecutionStarted`, `TimerFired`, … */
  events: { type: string; at: number }[];
  /** False if there is more than is told here. */
  complete: boolean;
}

/** The rebuilding of the read model from Temporal, as a durable operation of its own: one at a time. */
export interface IndexRebuild {
  /** Starts one, or names the one that is running. */
  start(): Promise<Rebuilding>;
  /** The newest one; `undefined` if there was none. */
  state(): Promise<Rebuilding | undefined>;
}

export interface Rebuilding {
  status: 'running' | 'completed' | 'failed';
  startedAt: number;
  closedAt?: number;
  /** How many executions were looked at, and how many rows were added or corrected, so far. */
  looked: number;
  mended: number;
}

// ── tokens and ids ───────────────────────────────────────────────────────────────────────────────────────

export interface Tokens {
  /** A signal token of at most 1,900 characters. @throws `invalid_input` if the offer does not fit */
  mint(offer: Offer): Promise<string>;
  /** @throws `token_invalid` (one error for every failure), `token_expired` */
  open(token: string): Promise<Offer>;
}

/** A place in a list that is ordered newest first: what comes after it is older. */
export interface Position {
  at: number;
  id: string;
}

/** Opaque places in lists, bound to who asks for what (P4). */
export interface Cursors {
  /** @param bound caller and filter: a cursor is of use for the very same alone */
  seal(position: Position, bound: readonly string[]): string;
  /** @throws `invalid_input` for a cursor that is not ours, or belongs to another caller or filter */
  open(cursor: string, bound: readonly string[]): Position;
}

export interface Ids {
  /** `wf_` + 26 characters: an HMAC over the parts, so the same delivery gives the same id (T22). */
  execution(parts: readonly string[]): string;
  /** Plain SHA-256 over the parts, 43 base64url characters. */
  hash(parts: readonly string[]): string;
}

// ── people ───────────────────────────────────────────────────────────────────────────────────────────────

/** What a platform says, now, about one of its accounts. */
export interface Account {
  actor: Actor;
  name: string;
  email: string | undefined;
  /** The platform has confirmed the address; absent counts as no (T3). */
  emailConfirmed: boolean;
  /** A full member of the tenant: not a guest, not a stranger, not a bot (T3). */
  member: boolean;
  active: boolean;
}

/** One platform's people. Live, cached for at most a minute, and failing closed. */
export interface Directory {
  /** Absent: it says of accounts whether they are deactivated. A platform that never says so is not asked who has left. */
  tellsOfLeavers?: false;
  account(actor: Actor): Promise<Account | undefined>;
  /** The account of a company e-mail, for reaching that person. */
  find(email: string): Promise<Actor | undefined>;
  /** Users of one of the platform's own groups. `undefined` if there is no such group. */
  members(group: string): Promise<Actor[] | undefined>;
}

/** What the token of a signed-in person says, verified. `actor` is `{ platform: 'api', tenant: issuer, user: subject }`. */
export interface SignIn {
  actor: Actor;
  name: string;
  email: string | undefined;
  /** The issuer has confirmed the address; absent counts as no, unless the configuration trusts it (T3). */
  emailConfirmed: boolean;
  /** What the token names in its claim of groups; unchecked words. */
  groups: string[];
  /** When the token was issued. */
  at: number;
}

/** A sign-in of a person who is known. */
export interface KnownSignIn extends SignIn {
  principal: string;
}

/** What each account's newest token said. */
export interface SignIns {
  /** Keeps it unless a newer one is there. */
  put(signIn: KnownSignIn): Promise<void>;
  ofActor(actor: Actor): Promise<KnownSignIn | undefined>;
  /** Newest first. */
  ofPrincipal(principal: string): Promise<KnownSignIn[]>;
  /** Principals whose newest token named this group. */
  inGroup(group: string): Promise<string[]>;
}

export interface Binding {
  actor: Actor;
  principal: string;
  boundAt: number;
}

export interface Bindings {
  ofActor(actor: Actor): Promise<Binding | undefined>;
  ofPrincipal(principal: string, platform: string): Promise<Binding[]>;
  /** Binds in one transaction. @throws `not_allowed` (`binding_mismatch`) if either side is bound to another */
  bind(binding: Binding): Promise<void>;
}

/** A person known to Elevate: resolved from a verified actor, live. */
export interface Principal extends Person {
  actor: Actor;
  /** Linked by an operator or a company login (T5). */
  linked: boolean;
  /** Names of the configured groups that the person is in now. */
  groups: string[];
}

// ── store ────────────────────────────────────────────────────────────────────────────────────────────────

/** One row of the read model: serves lists and never decides anything. */
export interface Row {
  input: ElevateInput;
  state: State;
  run: string;
  updatedAt: number;
}

export interface ReadModel {
  /** Writes the row unless a newer version is there, or the row of another run. */
  put(row: Row): Promise<void>;
  /** Writes the first row of a new execution unless there is one; never changes one. */
  create(row: Row): Promise<void>;
  get(execution: string): Promise<Row | undefined>;
  /** Owner's executions, newest first. */
  ofOwner(owner: string, filter: { open?: boolean; limit: number }): Promise<Row[]>;
  /** What lists show, newest first: of one owner, or of all. */
  list(filter: { owner?: string; open?: boolean; limit: number; after?: Position }): Promise<Listed[]>;
  /** Open executions whose current stage asks this person, by id or group; newest first. */
  waitingFor(principal: string, groups: string[], page: { limit: number; after?: Position }): Promise<Row[]>;
  /** Ids of executions that are open here, in the order of the ids, after this one. */
  open(after: string | undefined, limit: number): Promise<string[]>;
  /** How often this beneficiary was denied this role since. */
  refusals(beneficiary: string, role: string, since: number): Promise<number>;
}

/** As much of a row as a list shows. */
export interface Listed {
  id: string;
  run: string;
  owner: string;
  workflow: string;
  /** What is asked for: `admin on aws-prod`. */
  about: string;
  phase: State['phase'];
  outcome?: Outcome;
  createdAt: number;
  closedAt?: number;
}

export interface AuditLine {
  /** Unique: writing the same line again does nothing. */
  id: string;
  at: number;
  /** `requested`, `voted`, `refused`, `granted`, `config`, … */
  kind: string;
  execution?: string;
  principal?: string;
  actor?: Actor;
  details: Record<string, unknown>;
}

export interface Audit {
  write(lines: AuditLine[]): Promise<void>;
  /** An execution's lines in order. */
  of(execution: string): Promise<AuditLine[]>;
  /** The newest line of a kind. */
  last(kind: string): Promise<AuditLine | undefined>;
}

/** What a delivery was answered with: the person's own open execution for the same, instead of a new one. */
export interface Answered {
  answered: string;
  /** Of what it asked for, as in {@link Memo}. */
  fingerprint: string;
}

/** Counts creations (T31). Each admission is one transaction. */
export interface Limits {
  /**
   * Admits a new execution, or names the open one that asks for the same, or says that a limit is reached.
   * Admitting the same execution again is success, and said so; of one that was never begun, since another was the
   * answer, that one is named again.
   */
  admit(wish: {
    execution: string;
    owner: string;
    /** Equal for requests for the same. */
    fingerprint: string;
    at: number;
    openPerPerson: number;
    perHour: number;
  }): Promise<
    | { admitted: true; again?: true }
    | { admitted: false; same: string }
    | ({ admitted: false } & Answered)
    | { admitted: false; limit: 'open' | 'hour'; retryAfterMs: number }
  >;
  /** Keeps for good what the delivery was answered with that would have begun `execution`; the first answer stays (T22). */
  keepAnswer(execution: string, answered: Answered): Promise<void>;
  /** The execution is over, or never came to be. */
  release(execution: string): Promise<void>;
  /** What counts as open for this owner, oldest first. */
  openOf(owner: string): Promise<{ execution: string; at: number }[]>;
}

/** Which message shows what to whom, so that it can be edited. */
export interface CardReference {
  execution: string;
  platform: string;
  /** Channel id or principal id. */
  recipient: string;
  /** What the message is: `card:0`, `requester`, `note:12`, … */
  slot: string;
  /** The platform's own address of the message. */
  address: Record<string, string>;
  /** What was drawn last, so that equal drawings are not sent again. */
  drawing: string;
}

export interface Cards {
  of(execution: string, platform: string): Promise<CardReference[]>;
  save(card: CardReference): Promise<void>;
}

/** A way to write to a person or into a conversation, as a chat let us know it. */
export interface ConversationReference {
  platform: string;
  tenant: string;
  /**
   * - `personal`: the chat with one person alone; `key` is their user id, as in an {@link Actor}
   * - `sighting`: the conversation in which a person was last heard, for looking them up; `key` is their user id
   * - `conversation`: a channel or group chat; `key` is its id, without any thread
   */
  kind: 'personal' | 'sighting' | 'conversation';
  key: string;
  /** What the platform needs to write there, in its own words. */
  address: Record<string, string>;
  seenAt: number;
  /** Why nothing can be delivered there any more. */
  dead?: string;
}

type ReferenceKey = Pick<ConversationReference, 'platform' | 'tenant' | 'kind' | 'key'>;

/** Learned from whatever arrives, refreshed by everything that does. */
export interface References {
  get(key: ReferenceKey): Promise<ConversationReference | undefined>;
  /** Keeps it unless a newer one is there. Whatever is heard from is alive again. */
  see(reference: ConversationReference): Promise<void>;
  /** Nothing can be delivered there, as far as is known at `at`; no effect if it was heard from since. */
  bury(key: ReferenceKey, why: string, at: number): Promise<void>;
}

/** Which accesses we gave and have not taken back (T25). */
export interface Ledger {
  /** Opens the row of this lease. `mayGrant` is false once it was barred or closed; `othersOpen` if another execution's row for the same target is. */
  open(row: {
    execution: string;
    item: number;
    beneficiary: string;
    target: Target;
    at: number;
  }): Promise<{ mayGrant: boolean; othersOpen: boolean }>;
  /** No grant any more from here on: the access is being taken back. The row stays open until it is closed. */
  bar(execution: string, item: number, at: number): Promise<void>;
  close(execution: string, item: number, at: number): Promise<void>;
  /** Everything that was opened and not closed, oldest first. */
  openRows(): Promise<{ execution: string; item: number; openedAt: number; barredAt?: number }[]>;
}

/** Up to when something was done, for whoever goes on with it: another process, or this one after a pause. */
export interface Marks {
  /** `undefined` if it was never done. */
  get(name: string): Promise<number | undefined>;
  put(name: string, at: number): Promise<void>;
}

// ── the outside ──────────────────────────────────────────────────────────────────────────────────────────

/** A chat: makes its messages match a state, and says what it could not reach of the stage that is open. Idempotent. */
export interface Chat {
  platform: string;
  show(input: {
    input: ElevateInput;
    state: State;
    events: Entry[];
    /** First run id. */
    run: string;
  }): Promise<Unreached[]>;
}

/** The chat asks to be left alone for a while; the same call is made again after that. */
export class ChatBusy extends Error {
  override readonly name = 'ChatBusy';
  readonly retryAfterMs: number;

  constructor(message: string, options: { retryAfterMs: number; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** A system that grants. Calls are idempotent by execution, item, verb and sequence (T26). */
export interface Provider {
  /** Resolves a role to its target here. Pure; the answer is frozen in the plan. */
  target(role: string): Target;
  timeoutMs: number;
  /** @throws {@link ProviderRefused} for good; anything else is retried */
  grant(call: ProviderCall): Promise<void>;
  revoke(call: ProviderCall): Promise<void>;
  inspect(call: ProviderCall): Promise<Seen>;
}

/** The provider said no and will not change its mind. `message` is its reason, fit for people. */
export class ProviderRefused extends Error {
  override readonly name = 'ProviderRefused';
}

/** Logger in pino's shape: object first, sentence second. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
