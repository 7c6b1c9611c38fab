/** Executions as the API writes them. */
import type { names, Outcome, Request, State } from '../../../workflows/contract.ts';
import { aboutOf } from '../../core/about.ts';
import type { Created, Found } from '../../core/executions.ts';
import type { AuditLine, Listed } from '../../core/ports.ts';
import { type ApiStatus, outcomes } from '../../core/states.ts';
import { storyWords } from '../../core/story.ts';
import { plain } from '../../core/words.ts';
import type { ExecutionDetailsJson } from '../openapi/schemas/details.ts';
import type { AccessRequestJson, CreatedJson, ExecutionJson } from '../openapi/schemas/execution.ts';
import { isoDuration, isoTime } from './times.ts';

/** What an answer says beside the execution itself. */
export interface Frame {
  taskQueue: string;
  now: number;
}

const workflowType: { name: typeof names.elevate } = { name: 'ElevateWorkflow' };

export function drawListed(listed: Listed, { taskQueue, now }: Frame): ExecutionJson {
  const { id, run, owner, workflow, about, phase, outcome, createdAt, closedAt } = listed;
  return {
    workflow_id: id,
    run_id: run,
    status: phase === 'closed' && outcome !== undefined ? outcomes[outcome].status : 'running',
    start_time: isoTime(createdAt),
    execution_time: isoDuration((closedAt ?? now) - createdAt),
    task_queue: taskQueue,
    user: owner,
    workflow_type: workflowType,
    workflow,
    about,
    state: phase,
    ...(outcome === undefined ? {} : { outcome }),
    ...(closedAt === undefined ? {} : { end_time: isoTime(closedAt) }),
  };
}

export function drawCreated({ row, status }: Pick<Created, 'row' | 'status'>): CreatedJson {
  return { workflow_id: row.input.request.id, run_id: row.run, status: apiStatus(status) };
}

/** Everything but the tokens. The status is Temporal's; the rest is the execution's own account of itself. */
export function drawFound(found: Found, frame: Frame): ExecutionDetailsJson {
  const { row, run, status, closedAt, history, story, viewer } = found;
  const { request, plan } = row.input;
  const listed = {
    id: request.id,
    run,
    owner: request.requester.id,
    workflow: request.workflow,
    about: aboutOf(request.items),
    phase: row.state.phase,
    ...outcomeOf(row.state),
    createdAt: request.createdAt,
    ...(closedAt === undefined ? {} : { closedAt }),
  };
  return {
    ...drawListed(listed, frame),
    status: apiStatus(status),
    history: history.events.map(({ type, at }) => ({ event_type: type, timestamp: isoTime(at) })),
    history_complete: history.complete,
    requester: request.requester,
    beneficiary: request.beneficiary,
    input: drawRequest(request),
    stages: plan.stages.map(({ name, quorum, approvers }) => ({ name, quorum, approvers })),
    ...drawMoment(row.state),
    votes: row.state.votes.map(({ by, choice, stage, at, reason }) => ({
      by,
      choice,
      stage,
      at: isoTime(at),
      ...(reason === undefined ? {} : { reason }),
    })),
    story: story.map(drawLine),
    viewer,
  };
}

/** A request has one item so far. */
export function drawRequest({ items, durationMs, reason }: Request): AccessRequestJson {
  const [item] = items;
  return { role: item?.role ?? '', provider: item?.provider ?? '', duration: isoDuration(durationMs), reason };
}

/** The stage that is open, or the end of the access. */
function drawMoment(state: State): { stage?: number; deadline?: string; active_until?: string } {
  if (state.phase === 'awaiting_approval') return { stage: state.stage, deadline: isoTime(state.deadline) };
  return state.phase === 'active' ? { active_until: isoTime(state.until) } : {};
}

function drawLine(line: AuditLine): { at: string; kind: string; text: string } {
  return { at: isoTime(line.at), kind: line.kind, text: plain(storyWords(line)) };
}

function outcomeOf(state: State): { outcome?: Outcome } {
  return 'outcome' in state ? { outcome: state.outcome } : {};
}

const statuses: Record<ApiStatus, true> = {
  running: true,
  completed: true,
  failed: true,
  canceled: true,
  terminated: true,
};

/** Temporal knows more ways to end; none of them is one of ours, and all of them are failures. */
function apiStatus(status: string): ApiStatus {
  return Object.hasOwn(statuses, status) ? (status as ApiStatus) : 'failed';
}
