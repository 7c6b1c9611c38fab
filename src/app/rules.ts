/** Everything that the configuration decides: who people are, what they may do, where it is granted. A reload builds it anew. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Activities } from '../../workflows/contract.ts';
import type { Config } from '../config/config.ts';
import { type Catalog, createCatalog } from '../core/catalog.ts';
import { type Commands, createCommands } from '../core/commands.ts';
import { createExecutions, type Executions } from '../core/executions.ts';
import { createIdentity, type Identity } from '../core/identity.ts';
import { createOperating, type Operating } from '../core/operating.ts';
import type { Chat, Directory } from '../core/ports.ts';
import { createRoles, type Roles } from '../core/roles.ts';
import { createGroups } from '../directory/groups.ts';
import { createProviders } from '../providers/provider.ts';
import { createIndexRebuild } from '../temporal/rebuild.ts';
import { createActivities } from '../worker/activities.ts';
import { createMending } from '../worker/mend.ts';
import type { Parts } from './parts.ts';

export interface Rules {
  identity: Identity;
  catalog: Catalog;
  executions: Executions;
  commands: Commands;
  roles: Roles;
  operating: Operating;
  activities: Activities;
}

/** The chats that are open, by platform: who is there, and what shows them executions. */
export interface Chats {
  directories: Readonly<Record<string, Directory>>;
  messengers: Readonly<Record<string, Chat>>;
}

export function buildRules(config: Config, parts: Parts, { directories, messengers }: Chats): Rules {
  const { store, gateway, ids, deployment, now, log } = parts;
  const { audit, bindings, limits, ledger, marks, signIns } = store;
  const newId = randomUUID;
  const providers = createProviders(config.providers, { source: `urn:elevate:${deployment}`, now, log });
  const groups = createGroups({ groups: config.groups, directories, signIns, now });
  const people = { config: config.identity, directories, bindings, groups, signIns, audit, log, now };
  const identity = createIdentity(people);
  const catalog = createCatalog(config);
  const judging = { roles: config.roles, identity, providers };
  const executions = createExecutions({
    ...parts,
    config,
    catalog,
    identity,
    executions: store.executions,
    limits,
    audit,
    providers,
    groups,
    chats: Object.keys(messengers),
    mend: createMending({ executions: store.executions, audit, limits, ledger, gateway, now }),
    newId,
  });
  const working = {
    ...judging,
    chats: messengers,
    executions: store.executions,
    audit,
    limits,
    ledger,
    marks,
    gateway,
  };
  return {
    identity,
    catalog,
    executions,
    commands: createCommands({ executions, config, ids, now, pause: (ms) => pause(ms), log }),
    roles: createRoles({ config, identity }),
    operating: createOperating({ config, identity, rebuild: createIndexRebuild(parts), audit, newId, now }),
    activities: createActivities({ ...working, log, now }),
  };
}
