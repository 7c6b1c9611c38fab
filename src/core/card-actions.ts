/** The buttons of a card. Each says aloud what it is about, for screen readers. */
import type { ElevateInput, State } from '../../workflows/contract.ts';
import type { Action, Viewer } from './card.ts';
import { clean } from './clean.ts';
import { decisionOffer, releaseOffer } from './offers.ts';
import type { Ids } from './ports.ts';
import { accessWords } from './request-words.ts';
import { durationWords } from './words.ts';

export function actionsFor(input: ElevateInput, state: State, viewer: Viewer, ids: Pick<Ids, 'hash'>): Action[] {
  if (viewer.kind === 'approver') return decisions(input, state, viewer.stage, ids);
  if (viewer.kind === 'requester') return ownActions(input, state, ids);
  return [];
}

function decisions(input: ElevateInput, state: State, stage: number, ids: Pick<Ids, 'hash'>): Action[] {
  if (state.phase !== 'awaiting_approval' || state.stage !== stage) return [];
  const approve = decisionOffer(input, state, 'approve', ids);
  const deny = decisionOffer(input, state, 'deny', ids);
  if (approve === undefined || deny === undefined) return [];
  const about = aboutWhat(input);
  return [
    {
      kind: 'offer',
      label: 'Approve',
      spoken: `Approve ${about}`,
      style: 'primary',
      offer: approve,
      asksReason: false,
    },
    { kind: 'offer', label: 'Deny', spoken: `Deny ${about}`, style: 'danger', offer: deny, asksReason: true },
  ];
}

function ownActions(input: ElevateInput, state: State, ids: Pick<Ids, 'hash'>): Action[] {
  const access = accessWords(input.request.items);
  const release = releaseOffer(input, state, ids);
  if (release !== undefined) {
    const spoken = `I'm done with ${access}`;
    return [{ kind: 'offer', label: "I'm done", spoken, style: 'default', offer: release, asksReason: false }];
  }
  if (state.phase !== 'awaiting_approval' && state.phase !== 'starting') return [];
  const spoken = `Cancel my request for ${access}`;
  return [{ kind: 'command', label: 'Cancel', spoken, style: 'default', command: `cancel ${input.request.id}` }];
}

function aboutWhat({ request }: ElevateInput): string {
  return `${accessWords(request.items)} for ${clean(request.beneficiary.id)}, ${durationWords(request.durationMs)}`;
}
