/** What is said in a message of its own; everything else is an edit of a card. Each thing is said once to each. */
import type { Actor, ElevateInput, Entry, Item, State, Unreached } from '../../workflows/contract.ts';
import type { Text } from './card.ts';
import { clean } from './clean.ts';
import { accessWords, commandOf, unreachedWords, withReason, withWhy } from './request-words.ts';
import { refusalText } from './sentences.ts';
import { onlyKept, outcomeText } from './view.ts';
import { counted, say, together } from './words.ts';

export interface Notice {
  /**
   * - `requester`: by direct message
   * - `channel-thread`: a reply under the card in each channel that was asked
   * - `approvers`: the same, and by direct message to those who were asked only so
   * - a person: to the one who clicked, alone
   */
  to: 'requester' | 'approvers' | 'channel-thread' | { person: Actor };
  /** Names the notice within its execution, so that it is never sent twice. */
  slot: string;
  text: Text;
  /** The stage whose approvers are meant; absent: the latest that was asked. */
  stage?: number;
}

/** The notices that these events call for, oldest first. `events` may overlap with earlier calls: slots tell. */
export function noticesFor(input: ElevateInput, state: State, events: readonly Entry[]): Notice[] {
  const refused = new Set<string>();
  return events.flatMap((entry) => {
    if (entry.kind !== 'refused') return noticesOf(input, state, entry);
    const { actor, reason } = entry;
    const said = JSON.stringify([actor.platform, actor.tenant, actor.user, reason]);
    if (refused.has(said)) return [];
    refused.add(said);
    return [{ to: { person: actor }, slot: slotOf(entry), text: refusalText(reason, input, state) }];
  });
}

function noticesOf(input: ElevateInput, state: State, entry: Entry): Notice[] {
  const slot = slotOf(entry);
  switch (entry.kind) {
    case 'voted':
      return voted(input, state, entry);
    case 'unreached':
      return [unreachedNotice(entry)];
    case 'vote_dropped':
      return [{ to: 'approvers', slot, stage: entry.stage, text: droppedText(entry) }];
    case 'granted':
      return granted(input, entry);
    case 'kept':
      return kept(input, entry);
    case 'grant_delayed': {
      const text = say`Setting up ${what(input, entry.item)} takes longer than usual${withWhy(entry.why)}. Elevate keeps trying, and you are told.`;
      return [{ to: 'requester', slot: `note:grant_delayed:${entry.item}`, text }];
    }
    case 'grant_refused':
      return grantRefused(input, entry);
    case 'ending_soon': {
      const again = say`To go on after that, ask again: ${{ code: commandOf(input.request) }}`;
      const text = together(say`Your access to ${what(input)} ends at ${{ time: entry.until }}.`, again);
      return [{ to: 'requester', slot, text }];
    }
    case 'revoke_delayed':
      return revokeDelayed(input, entry);
    case 'closed':
      return closed(input, state, entry);
    default:
      return [];
  }
}

type Of<K extends Entry['kind']> = Extract<Entry, { kind: K }>;

/** A denial ends the request, so its outcome says who and why; the vote itself would say it twice. */
function voted(input: ElevateInput, state: State, entry: Of<'voted'>): Notice[] {
  const { vote } = entry;
  if (vote.choice === 'deny') return [];
  const mark = vote.joinedLater ? ', who joined the approvers later,' : '';
  const quorum = input.plan.stages[vote.stage]?.quorum ?? 1;
  const before = state.votes.filter(
    ({ stage, choice, at }) => stage === vote.stage && choice === 'approve' && at < vote.at,
  );
  const did = say`${{ person: vote.by }}${mark} approved at ${{ time: vote.at }}${withReason(vote.reason)}.`;
  const text = together(did, say`${before.length + 1} of ${counted(quorum, 'vote')}.`);
  return [{ to: 'channel-thread', slot: slotOf(entry), stage: vote.stage, text }];
}

function droppedText(entry: Of<'vote_dropped'>): Text {
  return say`The vote of ${{ person: entry.by }} does not count any more${withWhy(entry.why)}. Another vote is needed.`;
}

function granted(input: ElevateInput, entry: Of<'granted'>): Notice[] {
  const slot = slotOf(entry);
  const item = input.request.items[entry.item];
  const howTo = clean(item?.howTo ?? '');
  const access = what(input, entry.item);
  const toRequester = together(
    say`You have ${access} until ${{ time: entry.until }}.`,
    say`When you're done before that: ${{ code: `/elevate done ${input.request.id}` }}.`,
    howTo === '' ? [] : say`How to use it: ${{ code: howTo }}`,
  );
  const toThread = say`Granted: ${access} for ${{ person: input.request.beneficiary }} until ${{ time: entry.until }}.`;
  return [
    { to: 'requester', slot, text: toRequester },
    { to: 'channel-thread', slot, text: toThread },
  ];
}

function kept(input: ElevateInput, entry: Of<'kept'>): Notice[] {
  const slot = slotOf(entry);
  const access = what(input, entry.item);
  const { beneficiary } = input.request;
  return [
    {
      to: 'requester',
      slot,
      text: say`You already had, and keep, this access: ${access}. Nothing was granted or will be taken back.`,
    },
    {
      to: 'channel-thread',
      slot,
      text: say`${{ person: beneficiary }} already had, and keeps, this access: ${access}.`,
    },
  ];
}

/** With one item the outcome says the same. */
function grantRefused(input: ElevateInput, entry: Of<'grant_refused'>): Notice[] {
  if (input.request.items.length === 1) return [];
  const text = say`${what(input, entry.item)} could not be granted${withWhy(entry.why)}.`;
  return [{ to: 'requester', slot: slotOf(entry), text }];
}

function revokeDelayed(input: ElevateInput, entry: Of<'revoke_delayed'>): Notice[] {
  const slot = `note:revoke_delayed:${entry.item}`;
  const text = say`Taking back ${what(input, entry.item)} takes longer than usual${withWhy(entry.why)}. Elevate keeps trying until it is done, and the operators know.`;
  return [
    { to: 'requester', slot, text },
    { to: 'approvers', slot, text },
  ];
}

function closed(input: ElevateInput, state: State, entry: Of<'closed'>): Notice[] {
  // That the access was kept has been said already.
  if (entry.outcome === 'completed' && onlyKept(state)) return [];
  const slot = slotOf(entry);
  const outcome = outcomeText({
    ...state,
    phase: 'closed',
    closedAt: entry.at,
    outcome: entry.outcome,
    ...whyOf(entry),
  });
  const { requester } = input.request;
  return [
    { to: 'requester', slot, text: together(say`Your request for ${what(input)}:`, outcome, nextStep(input, entry)) },
    { to: 'approvers', slot, text: together(say`${what(input)} for ${{ person: requester }}:`, outcome) },
  ];
}

function whyOf(entry: Of<'closed'>): { why?: string } {
  return entry.why === undefined ? {} : { why: entry.why };
}

/** What the requester can do now. */
function nextStep({ request }: ElevateInput, { outcome }: Of<'closed'>): Text {
  if (outcome === 'denied') return say`If it is still needed, talk to them before you ask again.`;
  if (!['expired', 'changed', 'failed'].includes(outcome)) return [];
  return say`If it is still needed, ask again: ${{ code: commandOf(request) }}`;
}

/** What the requester is told when a chat has given up one way of asking their approvers (P6). */
export function unreachedNotice(found: Unreached): Notice {
  const { platform, recipient, what: kind, othersAsked } = found;
  const asked = kind === 'approver' ? say`Others were asked.` : say`Approvers were asked directly.`;
  const text = together(say`${unreachedWords(found)}`, othersAsked ? asked : tellThem);
  return { to: 'requester', slot: `unreached:${platform}:${recipient}`, text };
}

const tellThem = say`Tell your approvers: they find your request with ${{ code: '/elevate approvals' }}.`;

function what({ request }: ElevateInput, index?: number): string {
  const items: Item[] = index === undefined ? request.items : request.items.slice(index, index + 1);
  return accessWords(items);
}

function slotOf(entry: Entry): string {
  return `note:${entry.seq}`;
}
