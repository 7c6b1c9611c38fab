/** The tables as both databases hold them: text keys, times as epoch milliseconds, truth as 0 or 1, JSON as text. */
import { type ColumnType, type Kysely, sql } from 'kysely';

/** Written as a number. Some drivers read eight-byte integers as strings, hence {@link asNumber}. */
export type Wide = ColumnType<number | string, number, number>;
type WideOrNull = ColumnType<number | string | null, number | null, number | null>;

export interface ExecutionTable {
  id: string;
  owner: string;
  beneficiary: string;
  workflow: string;
  phase: string;
  outcome: string | null;
  is_open: number;
  self_approval: number;
  version: number;
  run: string;
  created_at: Wide;
  closed_at: WideOrNull;
  updated_at: Wide;
  input: string;
  state: string;
  /** What is asked for, as lists show it. */
  about: string;
}

export interface ExecutionRoleTable {
  execution: string;
  role: string;
}

/** Who is asked in the stage that is open now. */
export interface ExecutionApproverTable {
  execution: string;
  /** `user:<principal>` or `group:<name>`. */
  approver: string;
}

export interface AuditTable {
  id: string;
  at: Wide;
  /** The number in an id of the form `<execution>/<seq>`, else 0. */
  seq: number;
  kind: string;
  execution: string | null;
  principal: string | null;
  /** {@link Actor} as JSON. */
  actor: string | null;
  details: string;
}

export interface BindingTable {
  platform: string;
  tenant: string;
  account: string;
  principal: string;
  bound_at: Wide;
}

/** What the newest token of each account said. */
export interface SignInTable {
  platform: string;
  tenant: string;
  account: string;
  principal: string;
  name: string;
  email: string | null;
  email_confirmed: number;
  /** A JSON array, in the token's order. */
  groups: string;
  at: Wide;
}

/** The groups in `sign_ins`, to be found by. */
export interface SignInGroupTable {
  platform: string;
  tenant: string;
  account: string;
  name: string;
}

export interface AdmissionTable {
  execution: string;
  owner: string;
  fingerprint: string;
  admitted_at: Wide;
  is_open: number;
}

/** Deliveries that have no execution of their own, under the id that it would have had. */
export interface AnsweredTable {
  delivery: string;
  /** What they were answered with. */
  execution: string;
  fingerprint: string;
}

export interface CardTable {
  execution: string;
  platform: string;
  recipient: string;
  slot: string;
  address: string;
  drawing: string;
}

/** Where a chat lets us write. */
export interface ReferenceTable {
  platform: string;
  tenant: string;
  kind: string;
  key: string;
  /** A JSON object with its names in order. */
  address: string;
  seen_at: Wide;
  /** Why nothing can be delivered there any more. */
  dead: string | null;
}

export interface LedgerTable {
  execution: string;
  item: number;
  /** Null, like `target`, in a row that was closed before it was ever opened. */
  beneficiary: string | null;
  target: string | null;
  opened_at: Wide;
  /** From when on nothing may be granted under this row. */
  barred_at: WideOrNull;
  closed_at: WideOrNull;
}

/** Up to when something was done. */
export interface MarkTable {
  name: string;
  at: Wide;
}

export interface Tables {
  executions: ExecutionTable;
  execution_roles: ExecutionRoleTable;
  execution_approvers: ExecutionApproverTable;
  audit: AuditTable;
  bindings: BindingTable;
  sign_ins: SignInTable;
  sign_in_groups: SignInGroupTable;
  admissions: AdmissionTable;
  answered: AnsweredTable;
  cards: CardTable;
  conversation_references: ReferenceTable;
  ledger: LedgerTable;
  marks: MarkTable;
}

export type Database = Kysely<Tables>;

/** The one place where an eight-byte integer becomes a number again. */
export function asNumber(wide: number | string | bigint): number {
  return Number(wide);
}

/** Not a parameter, so that the indexes over open rows alone are used. */
export const yes = sql.lit(1);
