/** The facts of a card: the request as shown, and what its decision needs. */
import type { ElevateInput, Item, State } from '../../workflows/contract.ts';
import type { Fact, Text, Viewer } from './card.ts';
import { approverWords, votesFor } from './request-words.ts';
import { counted, durationWords, say } from './words.ts';

export function factsFor(input: ElevateInput, state: State, viewer: Viewer): Fact[] {
  const { request } = input;
  const forAnother = request.beneficiary.id !== request.requester.id;
  return [
    { label: 'Requested by', value: [{ person: request.requester }] },
    ...(forAnother ? [{ label: 'For', value: [{ person: request.beneficiary }] }] : []),
    ...request.items.map((item) => ({ label: 'Access', value: itemText(item) })),
    { label: 'Duration', value: say`${durationWords(request.durationMs)}` },
    ...stageFacts(input, state, viewer),
    ...(state.phase === 'awaiting_approval' ? [{ label: 'Expires', value: [{ time: state.deadline }] }] : []),
    { label: 'Id', value: [{ code: request.id }] },
  ];
}

/** The role in full and what it resolves to there (T8). */
function itemText({ title, role, provider, target }: Item): Text {
  return say`${title} (${role} on ${provider}), which is ${target.grant} at ${target.system} (${target.type})`;
}

/** An approver sees their own stage, everybody else all of them. */
function stageFacts(input: ElevateInput, state: State, viewer: Viewer): Fact[] {
  const { stages } = input.plan;
  return stages.flatMap((stage, index) => {
    if (viewer.kind === 'approver' && viewer.stage !== index) return [];
    const votes = `${votesFor(state, index)} of ${counted(stage.quorum, 'vote')}`;
    const approvers = approverWords(stage).join(', ');
    const label = stages.length === 1 ? 'Stage' : `Stage ${index + 1} of ${stages.length}`;
    return [{ label, value: say`${stage.name}; ${votes}; needs ${stage.quorum} of: ${approvers}` }];
  });
}
