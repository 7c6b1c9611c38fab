/** A provider of the company's own: each call is one signed POST (docs/webhook.md, T26, T27). */
import type { ProviderCall } from '../../workflows/contract.ts';
import type { ProviderConfig } from '../config/config.ts';
import { ElevateError } from '../core/errors.ts';
import type { Clock, Provider } from '../core/ports.ts';
import { urlProblem } from '../core/urls.ts';
import { accessEvent, type Verb } from './access-event.ts';
import { type AccessState, readAnswer } from './answer.ts';
import { post } from './post.ts';
import { createSigning } from './signing.ts';

type WebhookConfig = Extract<ProviderConfig, { type: 'webhook' }>;

/** @throws `invalid_input` for an address that may not be called, or a secret that cannot sign */
export function createWebhookProvider(
  name: string,
  { url, secrets, inspects, timeoutMs }: WebhookConfig,
  { source, now }: { source: string; now: Clock },
): Provider {
  const problem = urlProblem(url);
  if (problem !== undefined) throw new ElevateError('invalid_input', `The url of the provider ${name} ${problem}.`);
  const sign = createSigning(name, secrets);

  async function send(verb: Verb, call: ProviderCall): Promise<AccessState | undefined> {
    const event = accessEvent(verb, call, source);
    const body = JSON.stringify(event);
    const headers = {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      accept: 'application/json',
      'user-agent': 'elevate',
      ...sign(event.id, body, now()),
    };
    // Never longer than what was frozen with the request: the lease reckons with that.
    const frozen = call.request.items[call.item]?.timeoutMs ?? timeoutMs;
    const within = Math.min(timeoutMs, frozen);
    return readAnswer(name, verb, await post(name, url, { headers, body, timeoutMs: within }));
  }

  return {
    target: (role) => ({ type: 'webhook', system: url, grant: role }),
    timeoutMs,
    async grant(call) {
      await send('grant', call);
    },
    async revoke(call) {
      await send('revoke', call);
    },
    async inspect(call) {
      if (!inspects) return 'unknown';
      const state = await send('inspect', call);
      if (state === 'present' || state === 'absent') return state;
      throw new Error(`${name} answered a call to inspect without present or absent`);
    },
  };
}
