/** One sentence per error and per refusal: what happened, why, and what to do next. */
import type { ElevateInput, Refusal, State } from '../../workflows/contract.ts';
import type { Text } from './card.ts';
import { clean } from './clean.ts';
import type { ElevateError, ErrorCode } from './errors.ts';
import { askedText } from './request-words.ts';
import { standingOf } from './states.ts';
import { durationWords, say, together } from './words.ts';

/** What a person is told of an error. Holds nothing but what the error says to them. */
export function sentenceFor(error: ElevateError): Text {
  const told = error.details.sentence;
  if (told !== undefined) return say`${told}`;
  return together(sentences[error.code](error), showText(error), suggestionText(error));
}

const sentences: Record<ErrorCode, (error: ElevateError) => Text> = {
  invalid_input: invalidInput,
  token_invalid: () =>
    say`This button does not work any more, so nothing was recorded. Open the request again with ${code('/elevate list')} or ${code('/elevate approvals')}.`,
  token_expired: () =>
    say`The time for this button is over, so nothing was recorded. See where things stand with ${code('/elevate list')} or ${code('/elevate approvals')}.`,
  unauthenticated: () => say`You are not signed in, so nothing was done. Sign in and try again.`,
  unknown_identity: (error) =>
    say`Elevate can't tell who you are in this company: ${sentence(error.message)} Ask an operator to add your account.`,
  not_allowed: notAllowed,
  workflow_disabled: () =>
    say`This workflow is switched off, so nothing was started. Ask an operator when it will be back.`,
  unknown_workflow: () =>
    say`There is no such workflow, so nothing was started. See what there is with ${code('/elevate roles')}.`,
  unknown_execution: () =>
    say`No such request is yours to see or decide. See your own with ${code('/elevate list')}, and what waits for you with ${code('/elevate approvals')}.`,
  execution_closed: () => say`This is over already, so nothing was changed.`,
  conflict: () =>
    say`The same delivery was used for a different request before, so nothing was started. Ask again with a new command.`,
  rate_limited: (error) =>
    say`${sentence(error.message)} ${retryText(error, 'Finish or cancel one of your requests, or try later.')}`,
  unavailable: (error) =>
    say`Elevate can't reach something that it needs, so it is not certain that this was recorded. ${retryText(error, 'Look with /elevate list, then try again in a minute.')}`,
};

function invalidInput(error: ElevateError): Text {
  const problems = error.details.problems ?? [];
  const listedProblems = problems.map(({ pointer, message }) => say`${pointer || 'The input'}: ${sentence(message)}`);
  return together(say`${sentence(error.message)}`, ...listedProblems);
}

const reasons: Record<string, string> = {
  self_approval: "You asked for this access, so you can't approve it. The approvers decide, and you are told at once.",
  not_approver:
    "You are not one of the approvers of this stage, so your vote can't count. The card names who was asked.",
  not_requester: 'You may not ask for this, so nothing was started. Type /elevate roles to see what you may ask for.',
  link_required:
    'This needs an account that is known to be yours, so nothing was recorded. Ask an operator to add your account.',
  joined_later:
    'You joined the approvers after this was asked for, so your vote does not count here. Another approver decides.',
  inactive: 'Your account is not active, so nothing was recorded. Ask your administrator.',
  already_voted: 'You have voted on this stage already. Your first vote counts, and nothing was changed.',
  stage_closed: 'This stage is decided already, so your vote was not needed. The card shows where it stands.',
  not_open_yet: 'An earlier stage is not decided yet, so your vote was too early. You are asked when it is your turn.',
  too_late: 'The time to decide was over when you clicked, so your vote does not count. The requester can ask again.',
  changed_request:
    'The request has changed since you saw it, so your vote does not count. Look at the new card and decide again.',
  not_owner: 'Only the person who made this request may do that, so nothing was changed.',
  nothing_held: 'There is no access to give back, so nothing was changed.',
  another_life:
    'This button belongs to an earlier request, so nothing was changed. Open the new one with /elevate list.',
  not_supported: 'This version of Elevate does not know how to do that, so nothing was changed.',
  binding_mismatch:
    'This account and this e-mail address belong to different people in our records, so nothing was done. Ask an operator to look at it.',
};

function notAllowed(error: ElevateError): Text {
  const known = Object.hasOwn(reasons, error.details.reason ?? '') ? reasons[error.details.reason ?? ''] : undefined;
  return say`${known ?? sentence(error.message)}`;
}

/** What a clicker is told whose event did not count, with who was asked and when. */
export function refusalText(reason: Refusal, input: ElevateInput, state: State): Text {
  if (reason === 'self_approval') {
    return together(say`You asked for this access, so you can't approve it.`, askedText(input, state));
  }
  if (reason === 'not_approver') {
    const text = say`You are not one of the approvers of this stage, so your vote can't count.`;
    return together(text, askedText(input, state));
  }
  if (reason === 'stage_closed') return together(say`${reasons[reason] ?? ''}`, say`${standingOf(state).sentence}`);
  return say`${reasons[reason] ?? 'This was not recorded.'}`;
}

function showText({ details }: ElevateError): Text {
  return details.execution === undefined ? [] : say`See it with ${code(`/elevate show ${clean(details.execution)}`)}.`;
}

function suggestionText({ details }: ElevateError): Text {
  return details.suggestion === undefined ? [] : say`Try: ${code(clean(details.suggestion))}`;
}

function retryText({ details }: ElevateError, otherwise: string): string {
  const { retryAfterMs } = details;
  return retryAfterMs === undefined ? otherwise : `Try again in ${durationWords(retryAfterMs)}.`;
}

/** Ends with a full stop. */
function sentence(words: string): string {
  const cleaned = clean(words);
  return /[.?…]$/u.test(cleaned) ? cleaned : `${cleaned}.`;
}

function code(command: string): { code: string } {
  return { code: command };
}
