/** Votes, and the stages that they lead through. */
import type { ElevateEvent, Verdict, Vote } from '../contract.ts';
import { hasJoinedLater } from './refusals.ts';
import { close, type Life, moveTo, note, type Step } from './step.ts';

/** Writes the vote down, and what follows from it. The last vote of a person on a stage is theirs. */
export function count(life: Life, step: Step, event: ElevateEvent<'decision'>, at: number): Step {
  const stage = life.input.plan.stages[event.data.stage];
  if (stage === undefined) return step;
  const vote: Vote = {
    event: event.id,
    stage: event.data.stage,
    choice: event.data.choice,
    by: event.by.principal,
    actor: event.by.actor,
    linked: event.by.linked,
    at: event.at,
    joinedLater: hasJoinedLater(stage, event.by),
    ...(event.extra.reason === undefined ? {} : { reason: event.extra.reason }),
  };
  const others = step.state.votes.filter((v) => v.stage !== vote.stage || v.by.id !== vote.by.id);
  const voted = note({ ...step, state: { ...step.state, votes: [...others, vote] } }, at, { kind: 'voted', vote });
  return vote.choice === 'deny' ? close(voted, at, 'denied') : advance(life, voted, vote.stage, at);
}

/** Goes on to the next stage that lacks its quorum of distinct approvers, or to the grant. */
function advance(life: Life, step: Step, index: number, at: number): Step {
  const { stages } = life.input.plan;
  const lacking = stages.findIndex((stage, i) => approvalsOf(step.state.votes, i) < stage.quorum);
  if (lacking === index) return step;
  if (lacking !== -1) return openStage(life, step, lacking, at);
  return note(moveTo(step, { phase: 'starting', approvedAt: at }), at, { kind: 'approved' });
}

/** How many distinct people approved a stage. */
function approvalsOf(votes: readonly Vote[], stage: number): number {
  return new Set(votes.filter((v) => v.stage === stage && v.choice === 'approve').map((v) => v.by.id)).size;
}

/** Asks a stage, from now until its deadline. */
export function openStage(life: Life, step: Step, index: number, at: number): Step {
  const deadline = at + (life.input.plan.stages[index]?.withinMs ?? 0);
  const opened = moveTo(step, { phase: 'awaiting_approval', stage: index, openedAt: at, deadline });
  return note(opened, at, { kind: 'asked', stage: index, deadline });
}

/** Judged again before the grant (T8, T9). */
export function judged(life: Life, step: Step, verdict: Verdict, at: number): Step {
  if (step.state.phase !== 'starting' || verdict.ok) return step;
  if (verdict.kind === 'requester') return close(step, at, 'revoked', verdict.why);
  if (verdict.kind === 'changed') return close(step, at, 'changed', verdict.why);
  return dropVotes(life, step, verdict.dropped, at);
}

/** Takes votes away from people who may no longer decide, and asks the earliest stage that lacks its quorum again. */
function dropVotes(life: Life, step: Step, dropped: { principal: string; why: string }[], at: number): Step {
  const lost = step.state.votes.flatMap((vote) => {
    const why = dropped.find((d) => d.principal === vote.by.id)?.why;
    return why === undefined ? [] : [{ vote, why }];
  });
  const kept = step.state.votes.filter((vote) => !lost.some((l) => l.vote === vote));
  const told = lost.reduce(
    (s, { vote, why }) => note(s, at, { kind: 'vote_dropped', stage: vote.stage, by: vote.by, why }),
    { ...step, state: { ...step.state, votes: kept } },
  );
  const lacking = life.input.plan.stages.findIndex((stage, index) => approvalsOf(kept, index) < stage.quorum);
  return lacking === -1 ? told : openStage(life, told, lacking, at);
}
