/** The whole way in: the stand-in Slack, our server on one port, Bolt on our receiver, and a small `Commands` behind. */
import { pino } from 'pino';
import type { Offer } from '../../workflows/contract.ts';
import type { Reply } from '../../src/core/card.ts';
import type { Caller } from '../../src/core/executions.ts';
import type { Patience } from '../../src/core/showing/answering.ts';
import { startSlackDouble } from '../../src/dev/slack-double.ts';
import { createServer } from '../../src/http/server.ts';
import { createSlackApp } from '../../src/slack/app.ts';
import { createReceiver, type ReceiverLimits } from '../../src/slack/receiver.ts';
import { createWebClient, resolveBot } from '../../src/slack/web-client.ts';

export const signingSecret = 'a-signing-secret-for-tests';
export const botToken = 'xoxb-a-token-for-tests';

export interface Asked {
  verb: 'run' | 'take';
  text: string;
  caller: Caller;
  reason?: string;
}

/** Lines of a log, as they would be written. */
export function createLogBook() {
  const lines: string[] = [];
  return { lines, log: pino({ level: 'debug' }, { write: (line) => void lines.push(line) }) };
}

export function says(text: string): Reply {
  return { paragraphs: [[text]], cards: [] };
}

/** Answers everything with what was asked. */
export async function echo(asked: Asked): Promise<Reply> {
  return says(`${asked.verb} ${asked.text}${asked.reason === undefined ? '' : ` because ${asked.reason}`}`);
}

export async function openFrontDoor(
  options: {
    respond?: (asked: Asked) => Promise<Reply>;
    workspaces?: string[];
    patience?: Partial<Patience>;
    limits?: Partial<ReceiverLimits>;
    now?: () => number;
  } = {},
) {
  const now = options.now ?? Date.now;
  const slack = await startSlackDouble({ signingSecret, botToken, now });
  const { lines, log } = createLogBook();
  const asked: Asked[] = [];
  const respond = options.respond ?? echo;
  const ask = (one: Asked) => {
    asked.push(one);
    return respond(one);
  };
  const config = { workspaces: options.workspaces ?? ['T1ACME'], signingSecret, botToken, apiUrl: slack.apiUrl };
  const receiver = createReceiver({ signingSecret, log, now, limits: options.limits ?? {} });
  const bot = await resolveBot(createWebClient(config, log), { workspaces: ['T1ACME'], log });
  createSlackApp({
    config,
    bot,
    commands: {
      run: (text, caller) => ask({ verb: 'run', text, caller }),
      take: (text, caller, extra) => ask({ verb: 'take', text, caller, ...extra }),
    },
    mint: async (offer: Offer) => `token-of-${offer.id}`,
    log,
    now,
    receiver,
    patience: { ackMs: 2_000, outcomeMs: 10_000, ...options.patience },
    newId: () => 'failure-1',
  });
  const server = createServer({ slack: receiver, ready: async () => ({ ok: true, checks: {} }), log });
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 });
  slack.sendTo(`${url}/slack/events`);
  slack.addUser({ id: 'U1ANN', email: 'ann@example.com' });
  slack.addUser({ id: 'U2BOB', email: 'bob@example.com' });
  slack.addUser({ id: 'U3EVE', email: 'eve@other.example', team_id: 'T2OTHER', is_stranger: true });
  slack.addChannel({ id: 'C1OPS' });

  const close = async () => {
    await server.close();
    await receiver.drain();
    await slack.stop();
  };

  return {
    slack,
    url,
    asked,
    lines,
    receiver,
    bot,
    close,
    [Symbol.asyncDispose]: close,
    /** Clicks, and waits until all that follows has happened. */
    async click(...click: Parameters<typeof slack.click>) {
      const clicked = await slack.click(...click);
      await receiver.drain();
      return clicked;
    },
    /** Posts a message with buttons, as Elevate would, and gives its `ts`. */
    async post(buttons: Record<string, unknown>[], channel = 'C1OPS') {
      const elements = buttons.map((each) => ({ type: 'button', ...each }));
      const blocks = [{ type: 'actions', elements }];
      const client = createWebClient(config, log);
      const posted = await client.apiCall('chat.postMessage', { channel, text: 'Ann asks for access.', blocks });
      return (posted as { ts?: string }).ts ?? '';
    },
  };
}

export type FrontDoor = Awaited<ReturnType<typeof openFrontDoor>>;

export function button(label: string, action_id: string, value = 'a-token') {
  return { text: { type: 'plain_text', text: label }, action_id, value };
}
