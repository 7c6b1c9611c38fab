/** The context beside a request: why you are asked, risk, earlier refusals, votes, how to use what was granted. */
import type { ElevateInput, State, Vote } from '../../workflows/contract.ts';
import type { Text, Viewer } from './card.ts';
import { clean } from './clean.ts';
import { accessWords, approverWords, askedText, withReason } from './request-words.ts';
import { counted, listed, say } from './words.ts';

const risks: Record<ElevateInput['plan']['risk'], string> = {
  low: 'Risk: low.',
  normal: 'Risk: normal.',
  high: 'Risk: high. Votes of people who joined the approvers after the request do not count.',
};

export function notesFor(input: ElevateInput, state: State, viewer: Viewer): Text[] {
  return [
    ...(viewer.kind === 'approver' ? whyAsked(input, state, viewer.stage) : []),
    ...(viewer.kind === 'requester' ? waitingNotes(input, state) : []),
    ...(clean(input.request.reason) === '' ? [say`No reason was given.`] : []),
    say`${risks[input.plan.risk]}`,
    ...refusalNotes(input),
    ...(input.plan.selfApproval ? [say`Self-approval is allowed: the requester may approve this too.`] : []),
    ...state.votes.map(voteText),
    ...accessNotes(input, state),
    ...(viewer.kind === 'requester' ? howToNotes(input, state) : []),
  ];
}

function whyAsked(input: ElevateInput, state: State, viewed: number): Text[] {
  const stage = input.plan.stages[viewed];
  if (stage === undefined || state.phase !== 'awaiting_approval' || state.stage !== viewed) return [];
  return [say`You are asked because ${listed(approverWords(stage), 'or')} may decide this.`];
}

function waitingNotes(input: ElevateInput, state: State): Text[] {
  if (state.phase !== 'awaiting_approval') return [];
  return [[...askedText(input, state), ...say` It expires at ${{ time: state.deadline }} if nobody decides.`]];
}

function refusalNotes({ request, plan }: ElevateInput): Text[] {
  if (plan.refusals === 0) return [];
  const times = counted(plan.refusals, 'time');
  return [say`This was refused to ${request.beneficiary.id} ${times} in the last 24 hours.`];
}

/** `Bob Berg (bob@example.com) approved at …, joined later: “looks right”.` */
function voteText(vote: Vote): Text {
  const did = vote.choice === 'deny' ? 'denied' : 'approved';
  const mark = vote.joinedLater ? ', joined later' : '';
  return say`${{ person: vote.by }} ${did} at ${{ time: vote.at }}${mark}${withReason(vote.reason)}.`;
}

function accessNotes({ request }: ElevateInput, state: State): Text[] {
  return state.access.flatMap(({ item: index, state: now }) => {
    const item = request.items[index];
    if (item === undefined) return [];
    if (now === 'kept') {
      return [say`${{ person: request.beneficiary }} already had, and keeps, this access: ${accessWords([item])}.`];
    }
    if (now === 'refused') return [say`Not granted: ${accessWords([item])}.`];
    return [];
  });
}

function howToNotes({ request }: ElevateInput, state: State): Text[] {
  if (state.phase !== 'active') return [];
  return request.items.flatMap((item, index) => {
    const howTo = clean(item.howTo ?? '');
    const there = state.access.some(({ item: at, state: now }) => at === index && (now === 'held' || now === 'kept'));
    return there && howTo !== '' ? [say`How to use ${accessWords([item])}: ${{ code: howTo }}`] : [];
  });
}
