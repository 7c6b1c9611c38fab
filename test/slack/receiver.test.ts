import { once } from 'node:events';
import { createServer, request as httpRequest, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { App } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sign } from '../../src/dev/slack-double/signer.ts';
import { createReceiver } from '../../src/slack/receiver.ts';
import { createLogBook, type FrontDoor, openFrontDoor, says, signingSecret } from './front-door.ts';

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';
const nowSeconds = () => Math.floor(Date.now() / 1000);
const command = (text: string) =>
  new URLSearchParams({
    command: '/elevate',
    text,
    team_id: 'T1ACME',
    user_id: 'U1ANN',
    trigger_id: '1.2.3',
  }).toString();

describe('the receiver, through the front door', () => {
  let door: FrontDoor;
  beforeEach(async () => {
    door = await openFrontDoor();
  });
  afterEach(() => door.close());

  it.each([
    ['another secret', 401, { secret: 'not-ours' }],
    ['a signature of nothing we know', 401, { signature: `v1=${'0'.repeat(64)}` }],
    ['a signature that is too short', 401, { signature: 'v0=00' }],
    ['a signature in capitals', 401, { signature: `v0=${'A'.repeat(64)}` }],
    ['a signature five minutes and more old', 401, { timestamp: nowSeconds() - 302 }],
    ['a signature five minutes and more in the future', 401, { timestamp: nowSeconds() + 330 }],
    ['a time that is no number', 401, { timestamp: Number.NaN }],
    ['a body of more than 256 KiB', 413, { body: command('x'.repeat(256 * 1024)) }],
    ['an unknown content type', 415, { contentType: 'text/plain' }],
    ['a content type that only begins like ours', 415, { contentType: `${json}x` }],
    ['malformed JSON', 400, { contentType: json, body: '{"type":' }],
    ['a malformed payload in a form', 400, { contentType: form, body: 'payload=%7B' }],
    ['a signed null', 400, { contentType: json, body: 'null' }],
    ['a signed null in a form', 400, { contentType: form, body: 'payload=null' }],
    ['a list', 400, { contentType: json, body: '[]' }],
    [
      'bytes that are no text',
      400,
      { contentType: json, body: Uint8Array.from('{"a":"\xff"}', (c) => c.charCodeAt(0)) },
    ],
    ['a challenge that is no string', 400, { contentType: json, body: '{"type":"url_verification","challenge":{}}' }],
    ['a payload of a kind that nobody knows', 404, { contentType: json, body: '{"type":"who_knows"}' }],
    ['an action without a person', 500, { contentType: json, body: '{"type":"block_actions","actions":[]}' }],
  ])('T1: %s is answered %i, reaches nobody, and the next request works', async (_, status, options) => {
    const refused = await door.slack.deliver(command('list'), options);
    expect(refused).toMatchObject({ status, body: undefined });
    expect(door.asked).toEqual([]);
    expect(await door.slack.deliver(command('list'))).toMatchObject({ status: 200 });
    expect(door.asked).toHaveLength(1);
  });

  it.each([form, `${form}; charset=utf-8`, 'Application/X-WWW-Form-Urlencoded;charset=UTF-8'])(
    'a command sent as %s is understood',
    async (contentType) => {
      expect(await door.slack.deliver(command('list'), { contentType })).toMatchObject({ status: 200 });
      expect(door.asked).toMatchObject([{ text: 'list' }]);
    },
  );

  it('a body of nearly 256 KiB is taken', async () => {
    const text = 'x'.repeat(255 * 1024);
    expect(await door.slack.deliver(command(text))).toMatchObject({ status: 200 });
    expect(door.asked).toMatchObject([{ text }]);
  });

  it('T1: one changed byte makes a signature worthless', async () => {
    const timestamp = nowSeconds();
    const signature = sign(signingSecret, String(timestamp), command('list'));
    const changed = await door.slack.deliver(command('lisT'), { timestamp, signature });
    expect(changed.status).toBe(401);
    expect(door.asked).toEqual([]);
  });

  it('compressed bodies are refused, since Slack sends none', async () => {
    const timestamp = String(nowSeconds());
    const response = await fetch(`${door.url}/slack/events`, {
      method: 'POST',
      body: command('list'),
      headers: {
        'content-type': form,
        'content-encoding': 'gzip',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': sign(signingSecret, timestamp, command('list')),
      },
    });
    expect(response.status).toBe(415);
  });

  it('a request without a signature is refused before its body is read', async () => {
    const { port } = new URL(door.url);
    const request = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/slack/events' });
    request.setHeader('content-type', json).setHeader('content-length', 100).flushHeaders();
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(401);
    request.destroy();
  });

  it('the address is proven to Slack', async () => {
    const body = JSON.stringify({ type: 'url_verification', challenge: 'c1' });
    expect(await door.slack.deliver(body, { contentType: json })).toMatchObject({
      status: 200,
      body: { challenge: 'c1' },
    });
  });

  it('T1: a check of the connection is answered only if signed, and runs no command', async () => {
    const body = `ssl_check=1&${command('list')}`;
    expect(await door.slack.deliver(body)).toMatchObject({ status: 200, body: undefined });
    expect(await door.slack.deliver(body, { secret: 'not-ours' })).toMatchObject({ status: 401 });
    expect(door.asked).toEqual([]);
  });

  it('the word that Slack limits events is acknowledged', async () => {
    const body = JSON.stringify({ type: 'app_rate_limited', team_id: 'T1ACME' });
    expect(await door.slack.deliver(body, { contentType: json })).toMatchObject({ status: 200 });
  });

  it('events are acknowledged and change nothing', async () => {
    const sent = await door.slack.event({ type: 'message', channel: 'D1', user: 'U1ANN', text: 'hi', ts: '1.1' });
    expect(sent.status).toBe(200);
    expect(door.asked).toEqual([]);
  });

  it('P7: what was refused is not in the log', async () => {
    await door.slack.deliver('', { contentType: json, body: '{"secret":"hunter2"' });
    await door.slack.deliver(command('hunter2'), { secret: 'not-ours' });
    expect(door.lines.join('')).toContain('malformed body');
    expect(door.lines.join('')).toContain('signature mismatch');
    expect(door.lines.join('')).not.toContain('hunter2');
  });
});

describe('the receiver by itself', () => {
  /** Serves with limits of its own and a listener in place of Bolt. */
  async function serve(processEvent: App['processEvent'], limits = {}) {
    const { lines, log } = createLogBook();
    const receiver = createReceiver({ signingSecret, log, now: Date.now, limits });
    receiver.receiver.init({ processEvent } as App);
    const listener: RequestListener = (request, response) => void receiver.handle(request, response);
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const post = (body: string) => {
      const timestamp = String(nowSeconds());
      const headers = {
        'content-type': json,
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': sign(signingSecret, timestamp, body),
        'x-slack-retry-num': '2',
        'x-slack-retry-reason': 'http_timeout',
      };
      return fetch(`http://127.0.0.1:${port}`, { method: 'POST', body, headers });
    };
    const stop = () => {
      server.closeAllConnections();
      server.close();
    };
    return { receiver, port, post, lines, [Symbol.dispose]: stop };
  }

  it('a body that comes too slowly is answered 408 and the connection is closed', async () => {
    await using door = await openFrontDoor({ limits: { bodyMs: 50 } });
    const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
    const head = [
      'POST /slack/events HTTP/1.1',
      'host: x',
      `content-type: ${json}`,
      'content-length: 100',
      `x-slack-request-timestamp: ${nowSeconds()}`,
      `x-slack-signature: v0=${'0'.repeat(64)}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n{`);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    await once(socket, 'close');
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 408 [^]*connection: close/i);
  });

  it('a body that is too large by its own word is refused before it is sent', async () => {
    using served = await serve(async () => {});
    const request = httpRequest({ port: served.port, host: '127.0.0.1', method: 'POST' });
    request.setHeader('content-type', json).setHeader('content-length', 256 * 1024 + 1);
    request.setHeader('x-slack-request-timestamp', nowSeconds()).setHeader('x-slack-signature', `v0=${'0'.repeat(64)}`);
    request.flushHeaders();
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(413);
    request.destroy();
  });

  it('a body without a length is cut off at the limit', async () => {
    using served = await serve(async () => {}, { bodyBytes: 1_000 });
    const timestamp = String(nowSeconds());
    const body = `"${'x'.repeat(2_000)}"`;
    const response = await fetch(`http://127.0.0.1:${served.port}`, {
      method: 'POST',
      body: new Blob([body]).stream(),
      duplex: 'half',
      headers: {
        'content-type': json,
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': sign(signingSecret, timestamp, body),
      },
    });
    expect(response.status).toBe(413);
  });

  it('a peer that hangs up in the middle of its body harms nobody', async () => {
    using served = await serve(async ({ ack }) => ack());
    const socket = connect(served.port, '127.0.0.1');
    const head = [
      'POST / HTTP/1.1',
      'host: x',
      `content-type: ${json}`,
      'content-length: 100',
      `x-slack-request-timestamp: ${nowSeconds()}`,
      `x-slack-signature: v0=${'0'.repeat(64)}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n{`, () => socket.destroy());
    await once(socket, 'close');
    expect(await served.post('{}')).toMatchObject({ status: 200 });
    await served.receiver.drain();
  });

  it('P6: what nobody acknowledges is answered 503 before Slack gives up, and a late acknowledgement fails', async () => {
    const late = Promise.withResolvers<void>();
    const outcome = Promise.withResolvers<string>();
    using served = await serve(
      async ({ ack }) => {
        await late.promise;
        outcome.resolve(
          await ack('done').then(
            () => 'acknowledged',
            (error: Error) => error.message,
          ),
        );
      },
      { ackMs: 30 },
    );
    expect((await served.post('{}')).status).toBe(503);
    late.resolve();
    expect(await outcome.promise).toBe('acknowledged too late');
    expect(served.lines.join('')).toContain('not acknowledged in time');
  });

  it('a listener that throws before it acknowledges is answered 500 at once; after, only logged', async () => {
    using early = await serve(async () => {
      throw new Error('before');
    });
    expect((await early.post('{}')).status).toBe(500);
    using after = await serve(async ({ ack }) => {
      await ack({ text: 'ok' });
      throw new Error('after');
    });
    const response = await after.post('{}');
    expect([response.status, await response.json()]).toEqual([200, { text: 'ok' }]);
    await after.receiver.drain();
    expect(after.lines.join('')).toContain('"message":"after"');
  });

  it('a second acknowledgement fails and changes nothing', async () => {
    const second = Promise.withResolvers<string>();
    using served = await serve(async ({ ack }) => {
      await ack('first');
      second.resolve(
        await ack('second').then(
          () => 'acknowledged',
          (error: Error) => error.name,
        ),
      );
    });
    expect(await (await served.post('{}')).text()).toBe('first');
    expect(await second.promise).not.toBe('acknowledged');
  });

  it('repeats are passed on as such', async () => {
    const seen: unknown[] = [];
    using served = await serve(async ({ ack, retryNum, retryReason }) => {
      seen.push({ retryNum, retryReason });
      await ack();
    });
    await served.post('{}');
    expect(seen).toEqual([{ retryNum: 2, retryReason: 'http_timeout' }]);
  });

  it('P5: draining waits for listeners that go on after they acknowledged', async () => {
    const work = Promise.withResolvers<void>();
    let finished = false;
    using served = await serve(async ({ ack }) => {
      await ack();
      await work.promise;
      finished = true;
    });
    await served.post('{}');
    const drained = served.receiver.drain().then(() => finished);
    work.resolve();
    expect(await drained).toBe(true);
  });

  it('draining does not wait for ever, and says what it left', async () => {
    const work = Promise.withResolvers<void>();
    using served = await serve(async ({ ack }) => {
      await ack();
      await work.promise;
    });
    await served.post('{}');
    await served.receiver.drain(10);
    expect(served.lines.join('')).toContain('stopped before all answers were given');
    work.resolve();
  });

  it('T1: without a signing secret nothing starts', () => {
    const { log } = createLogBook();
    expect(() => createReceiver({ signingSecret: '', log, now: Date.now })).toThrow(
      expect.objectContaining({ code: 'invalid_input' }),
    );
  });
});

describe('draining the whole app', () => {
  it('P5: a command that is still at work when the server stops gets its outcome', async () => {
    const work = Promise.withResolvers<void>();
    const door = await openFrontDoor({
      patience: { ackMs: 10 },
      respond: () => work.promise.then(() => says('It is recorded.')),
    });
    const typed = await door.slack.command({ user: 'U1ANN', text: 'admin', channel: 'C1OPS' });
    expect(typed.body).toMatchObject({ text: 'Still working on it…' });
    const drained = door.receiver.drain();
    work.resolve();
    await drained;
    expect(typed.responses).toMatchObject([{ text: 'It is recorded.' }]);
    await door.close();
  });
});
