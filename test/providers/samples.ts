import { randomBytes } from 'node:crypto';
import type { ProviderCall } from '../../workflows/contract.ts';
import type { ProviderConfig } from '../../src/config/config.ts';
import type { Log, Provider } from '../../src/core/ports.ts';
import { createProviders } from '../../src/providers/provider.ts';
import { hour, sampleId, sampleItem, sampleRequest, sampleTime } from '../samples.ts';

export const source = 'urn:elevate:default/elevate';

export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

export function sampleCall(overrides: Partial<ProviderCall> = {}): ProviderCall {
  const target = { type: 'webhook', system: 'https://vpn.example.com/grants', grant: 'admin' };
  const request = sampleRequest({ items: [sampleItem({ provider: 'vpn', target })] });
  return { execution: sampleId(), item: 0, sequence: 1, request, until: sampleTime + hour, ...overrides };
}

type Webhook = Extract<ProviderConfig, { type: 'webhook' }>;

/** The provider `vpn` of type webhook. Ten seconds, so that only a test of the time-out meets it. */
export function webhookProvider(
  config: Pick<Webhook, 'url' | 'secrets'> & Partial<Webhook>,
  now: () => number = Date.now,
): Provider {
  return onlyProvider({ type: 'webhook', inspects: true, timeoutMs: 10_000, ...config }, now);
}

export function onlyProvider(config: ProviderConfig, now: () => number = Date.now, log: Log = silent): Provider {
  const { vpn } = createProviders({ vpn: config }, { source, now, log });
  if (vpn === undefined) throw new Error('no provider was made');
  return vpn;
}

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The error of a promise that must fail. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('it did not fail');
  return error;
}
