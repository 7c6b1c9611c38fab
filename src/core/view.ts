/** What an execution looks like to one viewer. Pure: the same state gives the same card on every platform. */
import type { ElevateInput, State } from '../../workflows/contract.ts';
import type { Card, Text, Viewer } from './card.ts';
import { actionsFor } from './card-actions.ts';
import { factsFor } from './card-facts.ts';
import { notesFor } from './card-notes.ts';
import { clean, quoted } from './clean.ts';
import type { Ids, Row } from './ports.ts';
import { accessWords, commandOf, votesFor, withReason, withWhy } from './request-words.ts';
import { isHeld, outcomes, phases, standingOf } from './states.ts';
import { counted, durationWords, personWords, plain, say, together } from './words.ts';

/**
 * Draws an execution for a viewer. Nothing is cut here: what does not fit is the platform's to refuse (T29).
 * An approver sees buttons only while their own stage is open.
 */
export function cardFor(input: ElevateInput, state: State, viewer: Viewer, ids: Pick<Ids, 'hash'>): Card {
  const { request } = input;
  const status = statusOf(input, state);
  const facts = factsFor(input, state, viewer);
  const notes = notesFor(input, state, viewer);
  const reason = clean(request.reason);
  const lines = [status, ...facts.map(({ label, value }) => say`${label}: ${value}.`), ...notes];
  return {
    summary: [leadOf(input, state), ...lines.map(plain)].join(' '),
    title: `${standingOf(state).label}: ${accessWords(request.items)}`,
    status,
    facts,
    quote: reason === '' ? undefined : { label: 'Reason', text: reason },
    notes: [...notes, say`Copy as command: ${{ code: commandOf(request) }}`],
    actions: actionsFor(input, state, viewer, ids),
  };
}

/** What a lock screen shows: who, what, where, how long, why. The e-mail stands alone here, for names can be long. */
function leadOf(input: ElevateInput, state: State): string {
  const { requester, beneficiary, items, durationMs, reason } = input.request;
  const waiting = state.phase === 'awaiting_approval';
  const label = waiting ? '' : `${standingOf(state).label}: `;
  const whom = beneficiary.id === requester.id ? '' : ` for ${clean(beneficiary.id)}`;
  const asks = `${clean(requester.id)} ${waiting ? 'asks' : 'asked'} for ${accessWords(items)}${whom} for ${durationWords(durationMs)}`;
  const why = quoted(reason);
  return `${label}${asks}${why === '' ? '' : `: ${why}`}.`;
}

/** Where it stands now, in a sentence or two. */
function statusOf(input: ElevateInput, state: State): Text {
  if (state.phase === 'awaiting_approval') return waitingStatus(input, state);
  if (state.phase === 'starting') return say`${phases.starting.sentence}`;
  if (state.phase === 'active') return say`Active until ${{ time: state.until }}.`;
  if (state.phase === 'closed') return together(outcomeText(state), say`Closed at ${{ time: state.closedAt }}.`);
  if (!isHeld(state)) return outcomeText(state);
  return together(say`${phases.ending.sentence}`, state.outcome === 'completed' ? [] : outcomeText(state));
}

function waitingStatus(input: ElevateInput, state: Extract<State, { phase: 'awaiting_approval' }>): Text {
  const stages = input.plan.stages;
  const stage = stages[state.stage];
  if (stage === undefined) return say`${phases.awaiting_approval.sentence}`;
  const which = stages.length === 1 ? '' : `, stage ${state.stage + 1} of ${stages.length}`;
  const missing = Math.max(0, stage.quorum - votesFor(state, state.stage));
  return say`Waiting for approval${which}: ${counted(missing, 'more vote')} needed by ${{ time: state.deadline }}.`;
}

/** How it ended, with who and why where that is known. */
export function outcomeText(state: Extract<State, { phase: 'ending' | 'closed' }>): Text {
  const { outcome, why } = state;
  const denial = state.votes.findLast((vote) => vote.choice === 'deny');
  if (outcome === 'denied' && denial !== undefined) {
    return say`Denied by ${{ person: denial.by }}${withReason(denial.reason)}.`;
  }
  if (outcome === 'completed' && onlyKept(state)) return say`The access was there before and stays.`;
  if (outcome === 'completed') return say`${outcomes.completed.sentence}`;
  if (outcome === 'revoked' && nothingGiven(state))
    return say`The request was ended before anything was granted${withWhy(why)}.`;
  return say`${outcomes[outcome].sentence.replace(/\.$/u, '')}${withWhy(why)}.`;
}

/** Whether all that was asked for was there before. */
export function onlyKept(state: State): boolean {
  return state.access.length > 0 && state.access.every((access) => access.state === 'kept');
}

function nothingGiven(state: State): boolean {
  return state.access.every((access) => access.state === 'none');
}

/** One line of `/elevate list`. */
export function listLine({ input, state }: Pick<Row, 'input' | 'state'>): Text {
  const { items, durationMs, id, requester } = input.request;
  const asked = say`${accessWords(items)} for ${durationWords(durationMs)}, ${personWords(requester)}: `;
  return [...asked, ...say`${standingOf(state).label}${untilOf(state)}. `, { code: id }];
}

function untilOf(state: State): Text {
  if (state.phase === 'awaiting_approval') return say`, until ${{ time: state.deadline }}`;
  if (state.phase === 'active') return say` until ${{ time: state.until }}`;
  if (state.phase === 'closed') return say` at ${{ time: state.closedAt }}`;
  return [];
}
