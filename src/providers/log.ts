/** A provider for trying things out: it writes to the log and remembers until the process ends. */
import type { ProviderCall } from '../../workflows/contract.ts';
import type { Log, Provider } from '../core/ports.ts';
import { itemOf } from './item.ts';

/** Grants nothing anywhere. The log names people and roles, never a reason (P7). */
export function createLogProvider(name: string, config: { timeoutMs: number }, { log }: { log: Log }): Provider {
  const held = new Set<string>();

  function write(call: ProviderCall, message: string): void {
    const { role } = itemOf(call);
    const { execution, sequence, request } = call;
    log.info({ provider: name, role, beneficiary: request.beneficiary.id, execution, sequence }, message);
  }

  return {
    target: (role) => ({ type: 'log', system: name, grant: role }),
    timeoutMs: config.timeoutMs,
    async grant(call) {
      held.add(accessOf(call));
      write(call, 'access granted');
    },
    async revoke(call) {
      held.delete(accessOf(call));
      write(call, 'access taken back');
    },
    async inspect(call) {
      return held.has(accessOf(call)) ? 'present' : 'absent';
    },
  };
}

function accessOf(call: ProviderCall): string {
  const { system, grant } = itemOf(call).target;
  return JSON.stringify([call.request.beneficiary.id, system, grant]);
}
