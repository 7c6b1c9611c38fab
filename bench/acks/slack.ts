/** Slack's commands and clicks, beside a bare Bolt app. */
import { randomBytes } from 'node:crypto';
import { App } from '@slack/bolt';
import { pino } from 'pino';
import { approvals } from '../../src/dev/people.ts';
import { type SlackDouble, startSlackDouble } from '../../src/dev/slack-double.ts';
import { createServer } from '../../src/http/server.ts';
import { createReceiver } from '../../src/slack/receiver.ts';
import { timed } from '../measure/figures.ts';
import { type Chat, silent, tokenLike } from './chat.ts';
import { withElevate } from './with-elevate.ts';

const secrets = { signingSecret: randomBytes(24).toString('hex'), botToken: 'xoxb-bench' };
const team = { id: 'T01ACME', domain: 'acme' };
const bob = 'U0BOB';

export const slackChat: Chat = {
  bareName: 'a bare Bolt app',

  async bare({ count, atOnce }) {
    const slack = await openSlack(count);
    const { url, close } = await startBolt();
    slack.sendTo(`${url}/slack/events`);
    const command = await timed(count, atOnce, (index) => slack.command({ user: userOf(index), text: 'admin' }));
    const click = await timed(count, atOnce, (index) => slack.deliver(clickOf(index, slack)));
    await close();
    await slack.stop();
    return { command, click };
  },

  async elevate({ count, atOnce }, ground) {
    const slack = await openSlack(count);
    const chat = `slack: { workspaces: [T01ACME], signing_secret: "\${SIGNING}", bot_token: "\${BOT}", api_url: "\${API}" }`;
    const env = { SIGNING: secrets.signingSecret, BOT: secrets.botToken, API: slack.apiUrl };
    const asked = { admin: { slack: [approvals.id], dm: 'none' } };
    try {
      return await withElevate({ ...ground, chat, env, asked }, async (url) => {
        slack.sendTo(`${url}/slack/events`);
        const command = await timed(count, atOnce, (index) =>
          slack.command({ user: userOf(index), text: 'admin for 1h because of the bench' }),
        );
        await slack.until(() => slack.messagesIn(approvals.id).length >= count, 'a card for everybody', 300_000);
        const cards = slack.messagesIn(approvals.id);
        const click = await timed(count, atOnce, (index) =>
          slack.click({ user: bob, channel: approvals.id, ts: cards[index]?.ts ?? '', label: 'Approve' }),
        );
        return { command, click };
      });
    } finally {
      await slack.stop();
    }
  },
};

const userOf = (index: number) => `U${String(index).padStart(6, '0')}`;

async function openSlack(count: number): Promise<SlackDouble> {
  const slack = await startSlackDouble({ ...secrets, team });
  for (let index = 0; index < count; index += 1)
    slack.addUser({ id: userOf(index), email: `person-${index}@example.com` });
  slack.addUser({ id: bob, email: 'bob@example.com' });
  slack.addChannel(approvals);
  return slack;
}

/** Bolt on our receiver and server, with listeners that only acknowledge. */
async function startBolt(): Promise<{ url: string; close(): Promise<void> }> {
  const receiver = createReceiver({ signingSecret: secrets.signingSecret, log: silent, now: Date.now });
  const authorize = async () => ({ botToken: secrets.botToken, botId: 'B1', botUserId: 'U1' });
  const app = new App({ receiver: receiver.receiver, authorize, convoStore: false });
  app.command('/elevate', ({ ack }) => ack({ text: 'ok' }));
  app.action(/.*/, ({ ack }) => ack());
  const server = createServer({
    slack: receiver,
    ready: async () => ({ ok: true, checks: {} }),
    log: pino({ level: 'silent' }),
  });
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { url, close: server.close };
}

function clickOf(index: number, slack: SlackDouble): string {
  const payload = {
    type: 'block_actions',
    team,
    user: { id: userOf(index), team_id: team.id },
    container: { type: 'message', message_ts: '1.1', channel_id: approvals.id },
    channel: { id: approvals.id },
    response_url: `${slack.apiUrl}none`,
    trigger_id: `${index}`,
    actions: [{ type: 'button', action_id: 'offer:0', block_id: 'b', value: tokenLike }],
  };
  return `payload=${encodeURIComponent(JSON.stringify(payload))}`;
}
