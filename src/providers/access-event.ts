/** What a webhook provider receives: a CloudEvent for each call (docs/webhook.md). */
import type { ProviderCall, Target } from '../../workflows/contract.ts';
import { itemOf } from './item.ts';

export type Verb = 'grant' | 'revoke' | 'inspect';

export interface AccessEvent {
  specversion: '1.0';
  /** `<execution>.<item>.<verb>.<sequence>`: the same on every retry (T26). */
  id: string;
  source: string;
  type: `io.elevate.access.${Verb}.v1`;
  /** Execution id. */
  subject: string;
  datacontenttype: 'application/json';
  data: {
    /** Company e-mails. */
    beneficiary: string;
    requester: string;
    role: string;
    /** The provider's name in the configuration. */
    provider: string;
    target: Target;
    reason: string;
    /** When the access is to end, RFC 3339. */
    until: string;
    sequence: number;
  };
}

/** Carries no time of its own, so that a retry is the same event to the last byte. */
export function accessEvent(verb: Verb, call: ProviderCall, source: string): AccessEvent {
  const { execution, item, sequence, request, until } = call;
  const { role, provider, target } = itemOf(call);
  return {
    specversion: '1.0',
    id: `${execution}.${item}.${verb}.${sequence}`,
    source,
    type: `io.elevate.access.${verb}.v1`,
    subject: execution,
    datacontenttype: 'application/json',
    data: {
      beneficiary: request.beneficiary.id,
      requester: request.requester.id,
      role,
      provider,
      target,
      reason: request.reason,
      until: new Date(until).toISOString(),
      sequence,
    },
  };
}
