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
  Person,
  ProviderCall,
  Seen,
  Snapshot,
  State,
  Target,
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
  /** `undefined` for an id that is unknown or not one of ours. */
  describe(execution: string): Promise<Described | undefined>;
  /** @throws `execution_closed`, `unavailable` */
  signal(event: ElevateEvent): Promise<void>;
  /** Asks for cancellation. @throws `execution_closed`, `unavailable` */
  cancel(execution: string, run: string): Promise<void>;
  /** Starts CloseOut; starting it again is success. */
  closeOut(input: CloseOutInput): Promise<void>;
  /** Ends the execution at once. An execution that is closed or unknown is success. */
  terminate(input: CloseOutInput): Promise<void>;
  /** The state inside the workflow, open or closed; needs a worker. `undefined` if it has none of ours. */
  state(execution: string): Promise<Snapshot | undefined>;
  /** Whether this lease is open and belongs to this execution. */
  leaseOpen(lease: string, execution: string): Promise<boolean>;
  /** Whether a worker polls the task queue. */
  hasWorker(): Promise<boolean>;
  /** Temporal answers within a second. */
  ping(): Promise<void>;
}

// ── tokens and ids ───────────────────────────────────────────────────────────────────────────────────────

export interface Tokens {
  /** A signal token of at most 1,900 characters. @throws `invalid_input` if the offer does not fit */
  mint(offer: Offer): Promise<string>;
  /** @throws `token_invalid` (one error for every failure), `token_expired` */
  open(token: string): Promise<Offer>;
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
  account(actor: Actor): Promise<Account | undefined>;
  /** The account of a company e-mail, for reaching that person. */
  find(email: string): Promise<Actor | undefined>;
  /** Users of one of the platform's own groups. `undefined` if there is no such group. */
  members(group: string): Promise<Actor[] | undefined>;
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
  /** Linked by an operator or a company login. */
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
  /** Writes the row unless a newer version is there. */
  put(row: Row): Promise<void>;
  /** Writes the first row of a new execution unless there is one; never changes one. */
  create(row: Row): Promise<void>;
  get(execution: string): Promise<Row | undefined>;
  /** Owner's executions, newest first. */
  ofOwner(owner: string, filter: { open?: boolean; limit: number }): Promise<Row[]>;
  /** Open executions whose current stage asks this person, by id or group; newest first. */
  waitingFor(principal: string, groups: string[], limit: number): Promise<Row[]>;
  /** How often this beneficiary was denied this role since. */
  refusals(beneficiary: string, role: string, since: number): Promise<number>;
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
}

/** Counts creations (T31). All in one transaction. */
export interface Limits {
  /**
   * Admits a new execution, or names the open one that asks for the same, or says that a limit is reached.
   * Admitting the same execution again is success.
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
    | { admitted: true }
    | { admitted: false; same: string }
    | { admitted: false; limit: 'open' | 'hour'; retryAfterMs: number }
  >;
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

// ── the outside ──────────────────────────────────────────────────────────────────────────────────────────

/** A chat: makes its messages match a state. Idempotent. */
export interface Chat {
  platform: string;
  show(input: {
    input: ElevateInput;
    state: State;
    events: Entry[];
    /** First run id. */
    run: string;
  }): Promise<void>;
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
