/**
 * Lists: one's own executions, those of others for auditors, and what waits for a person. Served by the read model; of
 * Temporal only whether it answers.
 */
import type { Config } from '../../config/config.ts';
import { ElevateError } from '../errors.ts';
import type { Executions, ListFilter } from '../executions.ts';
import type { Identity } from '../identity.ts';
import { isAuditor, waitsFor } from '../policy/view.ts';
import type { Cursors, Gateway, Position, Principal, ReadModel } from '../ports.ts';
import type { Recording } from './recording.ts';

export interface ListingDeps extends Pick<Recording, 'recordRead'> {
  config: Pick<Config, 'roles' | 'auditors'>;
  identity: Identity;
  gateway: Pick<Gateway, 'answers'>;
  executions: ReadModel;
  cursors: Cursors;
}

export function createListing(deps: ListingDeps): Pick<Executions, 'own' | 'list' | 'approvals'> {
  const { config, identity, gateway, executions, cursors, recordRead } = deps;

  return {
    async own(actor, filter) {
      return executions.ofOwner((await identity.resolve(actor)).id, filter);
    },

    async list(actor, filter) {
      const person = await identity.resolve(actor);
      const owner = ownerIn(filter, person);
      const bound = ['executions', person.id, filter.status, owner === undefined ? 'all' : `of ${owner}`];
      const after = opened(filter.cursor, bound);
      if (owner !== person.id) await requireAuditor(person, filter);
      const [found, answers] = await Promise.all([
        executions.list({
          ...(owner === undefined ? {} : { owner }),
          ...(filter.status === 'all' ? {} : { open: filter.status === 'running' }),
          limit: filter.limit + 1,
          ...after,
        }),
        gateway.answers(),
      ]);
      const { page, next } = pageOf(found, filter.limit, bound, ({ createdAt, id }) => ({ at: createdAt, id }));
      return { executions: page, ...next, stale: !answers };
    },

    async approvals(actor, { limit, cursor }) {
      const person = await identity.resolve(actor);
      const bound = ['approvals', person.id];
      const after = opened(cursor, bound);
      const [found, answers] = await Promise.all([
        executions.waitingFor(person.id, person.groups, { limit: limit + 1, ...after }),
        gateway.answers(),
      ]);
      const { page, next } = pageOf(found, limit, bound, ({ input }) => ({
        at: input.request.createdAt,
        id: input.request.id,
      }));
      return { rows: page.filter((row) => waitsFor(row, person, config.roles)), ...next, stale: !answers };
    },
  };

  async function requireAuditor(person: Principal, { status, of }: ListFilter): Promise<void> {
    if (!isAuditor(person, config)) {
      throw new ElevateError('not_allowed', "Only auditors may list other people's executions.", {
        details: { reason: 'not_auditor' },
      });
    }
    await recordRead(person, { call: 'list', status, of: typeof of === 'string' ? of : of.owner });
  }

  function opened(cursor: string | undefined, bound: readonly string[]): { after?: Position } {
    return cursor === undefined ? {} : { after: cursors.open(cursor, bound) };
  }

  /** One more than a page was asked for, so it is known whether there is a next one. */
  function pageOf<T>(found: T[], limit: number, bound: readonly string[], positionOf: (each: T) => Position) {
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const isLast = found.length <= limit || last === undefined;
    return { page, next: isLast ? {} : { next: cursors.seal(positionOf(last), bound) } };
  }
}

/** Whose executions are meant; `undefined`: everybody's. */
function ownerIn({ of }: ListFilter, person: Principal): string | undefined {
  if (of === 'all') return undefined;
  return of === 'own' ? person.id : of.owner;
}
