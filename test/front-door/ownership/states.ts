/** Brings executions to where the matrix wants them, and keeps them there. */
import { expect, vi } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import type { State } from '../../../workflows/contract.ts';
import type { Verb } from '../../../src/dev/access-system.ts';
import { bob, dana, type House, PATIENCE, type Person } from '../house.ts';
import type { Standing } from './matrix.ts';

export interface Made {
  id: string;
  owner: Person;
  /** A token to approve stage 1 with. */
  approve: string;
  /** Has the access system answer, where that was kept from it. */
  letGo(): void;
}

/** The role that expires: as `staged`, with just the time that it takes to see what waits. */
export function withBriefRole(config: Config): Config {
  const staged = config.roles['staged']!;
  const brief = { ...staged, approval: staged.approval.map((stage) => ({ ...stage, withinMs: 3_000 })) };
  return { ...config, roles: { ...config.roles, brief } };
}

/** Where an execution stands, in the words of the matrix. */
export function standingOf(state: State | undefined): string {
  if (state?.phase === 'awaiting_approval') return `at stage ${state.stage + 1}`;
  return state?.phase === 'closed' ? state.outcome : `${state?.phase}`;
}

/** How each of them gets there from stage 1. */
export function createStates(house: House): (standing: Standing) => Promise<Made> {
  const ways: Record<Standing, (made: Made) => Promise<unknown>> = {
    'at stage 1': async () => {},
    'at stage 2': (made) => decide(bob, made, 'approve'),
    async starting(made) {
      hold(made, 'grant');
      await approved(made);
      await vi.waitFor(() => expect(callsOf(made)).toContain('grant'), PATIENCE);
    },
    active: approved,
    async ending(made) {
      hold(made, 'revoke');
      await approved(made);
      await released(made);
      await vi.waitFor(() => expect(callsOf(made)).toContain('revoke'), PATIENCE);
    },
    async completed(made) {
      await approved(made);
      await released(made);
    },
    denied: (made) => decide(bob, made, 'deny'),
    expired: async () => {},
    changed: (made) => approvedUnder(withOtherAddress(house.config), made),
    revoked: (made) => approvedUnder(withOtherRequesters(house.config), made),
    async failed(made) {
      house.sandbox.fail({ verb: 'grant', execution: made.id, kind: 'refuse' });
      await approved(made);
    },
    withdrawn: (made) => ask(made.owner, `POST /execution/${made.id}/cancel`),
    terminated: (made) => ask(made.owner, `POST /execution/${made.id}/terminate`),
  };

  /** An execution of somebody new. */
  async function make(standing: Standing): Promise<Made> {
    const owner = house.newcomer();
    const input = { role: standing === 'expired' ? 'brief' : 'staged', reason: 'the deploy is stuck' };
    const { workflow_id: id } = await ask(owner, 'POST /execution', { workflow: 'default', input });
    const made: Made = { id, owner, approve: (await tokensOf(bob, id)).approve, letGo: () => {} };
    await ways[standing](made);
    await stands(made, standing);
    const { phase } = (await house.stateOf(id))!;
    if (phase === 'closed') await house.ended(id);
    return made;
  }

  return make;

  async function stands({ id }: Made, standing: Standing): Promise<void> {
    await vi.waitFor(async () => expect(standingOf(await house.stateOf(id))).toBe(standing), PATIENCE);
  }

  async function ask(person: Person, request: string, body?: unknown) {
    const answer = await house.call(person, request, { body });
    expect([200, 201]).toContain(answer.status);
    return answer.body;
  }

  function tokensOf(person: Person, id: string): Promise<{ approve: string; deny: string }> {
    return vi.waitFor(async () => {
      const { approvals } = await ask(person, 'GET /approvals?limit=100');
      return approvals.find((waiting: { workflow_id: string }) => waiting.workflow_id === id).tokens;
    }, PATIENCE);
  }

  async function decide(person: Person, { id }: Made, choice: 'approve' | 'deny'): Promise<void> {
    await ask(person, `POST /execution/${id}/signal`, { input: (await tokensOf(person, id))[choice] });
  }

  async function approved(made: Made): Promise<void> {
    await decide(bob, made, 'approve');
    await decide(dana, made, 'approve');
  }

  /** Approved while another configuration holds. */
  async function approvedUnder(config: Config, made: Made): Promise<void> {
    await decide(bob, made, 'approve');
    await house.app.reload(config);
    await decide(dana, made, 'approve');
    await house.inPhase(made.id, 'closed');
    await house.app.reload(house.config);
  }

  async function released(made: Made): Promise<void> {
    await stands(made, 'active');
    const { tokens } = await ask(made.owner, `GET /execution/${made.id}`);
    await ask(made.owner, `POST /execution/${made.id}/signal`, { input: tokens.release });
  }

  /** Keeps the answers to its calls back. */
  function hold(made: Made, verb: Verb): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = house.sandbox.on(verb, ({ execution }) => (execution === made.id ? promise : undefined));
    made.letGo = () => {
      stop();
      resolve();
    };
  }

  function callsOf({ id }: Made): Verb[] {
    return house.sandbox.calls.filter(({ execution }) => execution === id).map(({ verb }) => verb);
  }
}

function withOtherAddress(config: Config): Config {
  const sandbox = config.providers['sandbox']!;
  const moved = { ...sandbox, url: 'http://127.0.0.1:1/access' } as typeof sandbox;
  return { ...config, providers: { ...config.providers, sandbox: moved } };
}

function withOtherRequesters(config: Config): Config {
  const staged = { ...config.roles['staged']!, requestGroups: ['few'] };
  return { ...config, roles: { ...config.roles, staged } };
}
