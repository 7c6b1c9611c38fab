/** What people are shown of the API's answers, read from its JSON. Every text is clean; times are ms since 1970. */
import { outcomes, phases } from '../core/states.ts';
import { personWords } from '../core/words.ts';
import { amount, at, duration, items, opaque, text, texts, time } from './reading.ts';

export interface Execution {
  id: string;
  about: string;
  /** Where it stands, in two or three words. */
  standing: string;
  /** The API's word, such as `active`. */
  state: string;
  startedAt: number | undefined;
  endedAt: number | undefined;
}

export interface Stage {
  name: string;
  quorum: number;
  approvers: string[];
}

export interface Details extends Execution {
  requester: string;
  beneficiary: string;
  duration: string;
  reason: string;
  stages: Stage[];
  deadline: number | undefined;
  activeUntil: number | undefined;
  votes: { by: string; choice: string; at: number | undefined; reason: string }[];
  story: { at: number | undefined; text: string }[];
}

export interface Approval {
  id: string;
  about: string;
  stage: string;
  requester: string;
  duration: string;
  reason: string;
  askedAt: number | undefined;
  expiresAt: number | undefined;
  approve: string | undefined;
  deny: string | undefined;
}

export interface Role {
  name: string;
  title: string;
  providers: string[];
  usually: string;
  atMost: string;
  /** What the reason must look like; empty if none is needed. */
  reason: string;
  stages: Stage[];
}

export interface Me {
  who: string;
  /** Where the server knows this person from, such as `api`. */
  platform: string;
  linked: boolean;
  groups: string[];
}

export interface Rebuilding {
  status: string;
  startedAt: number | undefined;
  endedAt: number | undefined;
  looked: number;
  mended: number;
}

export function readExecution(json: unknown): Execution {
  const state = text(json, 'state');
  return {
    id: text(json, 'workflow_id'),
    about: text(json, 'about') || text(json, 'workflow'),
    standing: standingOf(state, text(json, 'outcome')) || text(json, 'status'),
    state,
    startedAt: time(json, 'start_time'),
    endedAt: time(json, 'end_time'),
  };
}

export function readDetails(json: unknown): Details {
  return {
    ...readExecution(json),
    requester: readPerson(at(json, 'requester')),
    beneficiary: readPerson(at(json, 'beneficiary')),
    duration: duration(json, 'input', 'duration'),
    reason: text(json, 'input', 'reason'),
    stages: items(json, 'stages').map(readStage),
    deadline: time(json, 'deadline'),
    activeUntil: time(json, 'active_until'),
    votes: items(json, 'votes').map((vote) => ({
      by: readPerson(at(vote, 'by')),
      choice: text(vote, 'choice'),
      at: time(vote, 'at'),
      reason: text(vote, 'reason'),
    })),
    story: items(json, 'story').map((line) => ({ at: time(line, 'at'), text: text(line, 'text') })),
  };
}

export function readApproval(json: unknown): Approval {
  return {
    id: text(json, 'workflow_id'),
    about: text(json, 'about') || text(json, 'workflow'),
    stage: text(json, 'stage'),
    requester: readPerson(at(json, 'requester')),
    duration: duration(json, 'input', 'duration'),
    reason: text(json, 'input', 'reason'),
    askedAt: time(json, 'asked_at'),
    expiresAt: time(json, 'expires_at'),
    approve: opaque(json, 'tokens', 'approve'),
    deny: opaque(json, 'tokens', 'deny'),
  };
}

export function readRole(json: unknown): Role {
  const needed = at(json, 'reason', 'required') === true;
  return {
    name: text(json, 'name'),
    title: text(json, 'title'),
    providers: texts(json, 'providers'),
    usually: duration(json, 'duration', 'default'),
    atMost: duration(json, 'duration', 'max'),
    reason: needed ? text(json, 'reason', 'hint') || 'needed' : '',
    stages: items(json, 'approval').map(readStage),
  };
}

export function readMe(json: unknown): Me {
  return {
    who: readPerson(at(json, 'principal')),
    platform: text(json, 'actor', 'platform'),
    linked: at(json, 'linked') === true,
    groups: texts(json, 'groups'),
  };
}

export function readRebuilding(json: unknown): Rebuilding {
  return {
    status: text(json, 'status'),
    startedAt: time(json, 'start_time'),
    endedAt: time(json, 'end_time'),
    looked: amount(json, 'looked') ?? 0,
    mended: amount(json, 'mended') ?? 0,
  };
}

/** `Alice Adams (alice@example.com)`. */
function readPerson(json: unknown): string {
  return personWords({ id: text(json, 'id'), name: text(json, 'name') });
}

function readStage(json: unknown): Stage {
  return {
    name: text(json, 'name'),
    quorum: amount(json, 'quorum') ?? 1,
    approvers: [...texts(json, 'approvers', 'groups'), ...texts(json, 'approvers', 'users')],
  };
}

function standingOf(state: string, outcome: string): string {
  const known: Record<string, { label: string } | undefined> = state === 'closed' ? outcomes : phases;
  const name = state === 'closed' ? outcome : state;
  return (Object.hasOwn(known, name) ? known[name]?.label : undefined) ?? name;
}
