import { randomBytes } from 'node:crypto';
import type { ElevateEvent, ElevateInput, Memo } from '../../workflows/contract.ts';
import { alice, bob, sampleActor, samplePlan, sampleRequest } from '../samples.ts';

/** The run shares one server: ids must be new each time. */
export function newExecutionId(): string {
  return `wf_${randomBytes(13).toString('hex')}`;
}

export function newInput(reason?: string): { input: ElevateInput; memo: Memo } {
  const request = sampleRequest({ id: newExecutionId(), ...(reason && { reason }) });
  const input = { request, plan: samplePlan() };
  return { input, memo: { owner: alice.id, beneficiary: alice.id, fingerprint: 'same', input } };
}

export function approval(execution: string, run: string, id = `event-${randomBytes(8).toString('hex')}`): ElevateEvent {
  return {
    what: 'decision',
    id,
    execution,
    run,
    at: 1,
    by: { principal: bob, actor: sampleActor(bob), active: true, groups: [], entitled: true, linked: false },
    data: { choice: 'approve', stage: 0, digest: 'd', owner: alice.id },
    extra: { reason: 'the deploy is stuck indeed' },
  };
}
