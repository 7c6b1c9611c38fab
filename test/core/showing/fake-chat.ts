/** A chat of nothing: people, channels, and what was sent there. Whatever is said to go wrong goes wrong once. */
import type { Actor } from '../../../workflows/contract.ts';
import type { Account, CardReference, Cards, Chat, Directory, Log } from '../../../src/core/ports.ts';
import { createChat } from '../../../src/core/showing/chat.ts';
import { type ChannelProblem, type Destination, type Posting } from '../../../src/core/showing/posting.ts';
import { plain } from '../../../src/core/words.ts';

const platform = 'chat';
const tenants = ['T01ACME', 'T02BETA'];

interface Drawn {
  text: string;
  buttons: string[];
}

export interface Sent extends Drawn {
  /** A channel, or `tenant/user`. */
  to: string;
  below: string | undefined;
  edits: number;
}

export function createFakeChat() {
  const sent: Sent[] = [];
  const faults: { call: 'post' | 'edit'; to?: string; error: unknown }[] = [];
  const problems = new Map<string, ChannelProblem>();
  const accounts = new Map<string, Account>();
  const kept = new Map<string, CardReference>();
  const lines: string[] = [];
  let calls = 0;

  function failing(call: 'post' | 'edit', to: string): void {
    calls += 1;
    const index = faults.findIndex((fault) => fault.call === call && (fault.to ?? to) === to);
    if (index >= 0) throw faults.splice(index, 1)[0]?.error;
  }

  const posting: Posting<Drawn> = {
    drawCard: async ({ summary, actions }) => ({ text: summary, buttons: actions.map(({ label }) => label) }),
    drawText: (text) => ({ text: plain(text), buttons: [] }),
    async post(to, drawn, below) {
      failing('post', nameOf(to));
      sent.push({ ...drawn, to: nameOf(to), below: below?.['at'], edits: 0 });
      return { at: String(sent.length - 1) };
    },
    async edit(to, address, drawn) {
      failing('edit', nameOf(to));
      const message = sent[Number(address['at'])]!;
      Object.assign(message, drawn, { edits: message.edits + 1 });
    },
    problemOf: async (channel) => problems.get(channel),
  };

  const directory: Directory = {
    account: async ({ tenant, user }) =>
      [...accounts.values()].find(({ actor }) => actor.tenant === tenant && actor.user === user),
    find: async (email) => [...accounts.values()].find((account) => account.email === email)?.actor,
    members: async () => undefined,
  };

  const cards: Cards = {
    of: async (execution, on) =>
      [...kept.values()].filter((card) => card.execution === execution && card.platform === on),
    save: async (card) =>
      void kept.set(JSON.stringify([card.execution, card.platform, card.recipient, card.slot]), card),
  };

  const keep = (fields: object, message: string) => void lines.push(JSON.stringify([fields, message]));
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep };

  return {
    sent,
    kept,
    lines,
    fail: (call: 'post' | 'edit', error: unknown, to?: string) =>
      void faults.push({ call, error, ...(to === undefined ? {} : { to }) }),
    problem: (channel: string, problem: ChannelProblem) => void problems.set(channel, problem),
    addUser(email: string, overrides: Partial<Account> & { tenant?: string } = {}): Actor {
      const actor = { platform, tenant: overrides.tenant ?? tenants[0]!, user: `U_${email.split('@')[0]}` };
      const whole = { emailConfirmed: true, member: true, active: true, name: email, email };
      accounts.set(email, { ...whole, actor, ...overrides });
      return actor;
    },
    /** What is there for somebody, in order. */
    at: (to: string) => sent.filter((message) => message.to === to),
    calls: () => calls,
    open: (): Chat =>
      createChat({
        platform,
        tenants,
        directory,
        posting,
        cards,
        hash: (parts) => JSON.stringify(parts),
        log,
        loggable: (error) => ({ error: error instanceof Error ? error.message : '' }),
      }),
  };
}

function nameOf(to: Destination): string {
  return 'channel' in to ? to.channel : `${to.person.tenant}/${to.person.user}`;
}
