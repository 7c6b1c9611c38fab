/** The systems that grant, as configured. */
import type { Config, ProviderConfig } from '../config/config.ts';
import type { Clock, Log, Provider } from '../core/ports.ts';
import { createLogProvider } from './log.ts';
import { createWebhookProvider } from './webhook.ts';

export interface ProviderDeps {
  /** Names this deployment in what providers receive: a URI. */
  source: string;
  now: Clock;
  log: Log;
}

/**
 * One provider for each name in the configuration.
 * @throws `invalid_input` for an address that may not be called (T27), or a secret that cannot sign
 */
export function createProviders(providers: Config['providers'], deps: ProviderDeps): Record<string, Provider> {
  return Object.fromEntries(
    Object.entries(providers).map(([name, config]) => [name, createProvider(name, config, deps)]),
  );
}

function createProvider(name: string, config: ProviderConfig, deps: ProviderDeps): Provider {
  return config.type === 'log' ? createLogProvider(name, config, deps) : createWebhookProvider(name, config, deps);
}
