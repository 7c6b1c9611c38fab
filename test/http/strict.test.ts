/** What is sent is taken as it is or not at all: nothing turned into another type, nothing dropped, every mistake told. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ElevateError } from '../../src/core/errors.ts';
import { sampleId } from '../samples.ts';
import { type CallOptions, type Desk, openDesk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
beforeEach(() => desk.forget());

const id = sampleId();
const json = { 'content-type': 'application/json' };
const cloudEvent = { 'content-type': 'application/cloudevents+json' };
const needed = 'This is needed';
const noField = 'There is no such field';
const notObject = 'This is not a JSON object';
const noText = 'This is not a text';
const noRole = 'There is no role "nothing". Ask for one that is offered to you';
const noDuration = 'This is not a duration. Say for example 1h30m';

async function mistakes(request: string, options: CallOptions) {
  const { call, asked } = desk;
  const { status, body } = await call(request, options);
  expect({ status, code: body.code }).toEqual({ status: 400, code: 'invalid_input' });
  expect(asked.filter((each) => each.call !== 'enter')).toEqual([]);
  return Object.fromEntries(
    (body.errors ?? []).map((each: { pointer: string; message: string }) => [each.pointer, each.message]),
  );
}

describe('POST /execution', () => {
  it.each<[unknown, Record<string, string>]>([
    [{}, { '/workflow': needed, '/input': needed }],
    [[], { '': notObject }],
    ['null', { '': notObject }],
    ['"text"', { '': notObject }],
    [
      { workflow: 5, input: 'x' },
      { '/workflow': noText, '/input': notObject },
    ],
    [
      { workflow: '', input: {} },
      { '/workflow': 'This is empty', '/input/role': needed },
    ],
    [{ workflow: 'w'.repeat(64), input: { role: 'admin' } }, { '/workflow': 'At most 63 characters' }],
    [
      { workflow: 'default', input: { role: 5, reason: true, color: 'red' }, mode: 1 },
      { '/input/role': noText, '/input/reason': noText, '/input/color': noField, '/mode': noField },
    ],
    [{ workflow: 'default', input: { role: 'admin', provider: null } }, { '/input/provider': noText }],
    [{ workflow: 'default', input: { role: 'admin', duration: 60 } }, { '/input/duration': noText }],
    [{ workflow: 'default', input: { role: 'admin' }, 'a/b~c': 1 }, { '/a~1b~0c': noField }],
    ['{"workflow":"default","input":{"role":"admin","constructor":1}}', { '/input/constructor': noField }],
    [
      { workflow: 'default', input: { role: 'nothing', duration: 'soon' }, mode: 1 },
      { '/mode': noField, '/input/role': noRole, '/input/duration': noDuration },
    ],
    [
      { input: { role: 'admin', duration: '9h' } },
      { '/workflow': needed, '/input/duration': 'The longest duration for this role is 4 hours' },
    ],
    [
      { workflow: 5, input: { role: 'admin', provider: 5, duration: 'soon' } },
      { '/workflow': noText, '/input/provider': noText, '/input/duration': noDuration },
    ],
    [
      { workflow: 'nothing', input: { role: 'nothing' }, mode: 1 },
      { '/mode': noField, '/input/role': noRole },
    ],
    [{ workflow: 'paused', input: 'x' }, { '/input': notObject }],
  ])('%j is told all its mistakes', async (body, expected) => {
    expect(await mistakes('POST /execution', { body, headers: json })).toEqual(expected);
  });

  it('all parts of the request are told at once, in the same order each time', async () => {
    const headers = { ...json, 'Idempotency-Key': '\u00e4' };
    const input = { duration: 'soon', color: 'red', role: 5 };
    const turned = Object.fromEntries(Object.entries(input).toReversed());
    for (const body of [
      { mode: 1, input, workflow: '' },
      { workflow: '', input: turned, mode: 1 },
    ]) {
      const found = await mistakes('POST /execution?now', { body, headers });
      expect(Object.entries(found)).toEqual([
        ['/mode', noField],
        ['/workflow', 'This is empty'],
        ['/input/role', noText],
        ['/input/duration', noDuration],
        ['/input/color', noField],
        ['/now', 'There is no such parameter'],
        ['/Idempotency-Key', 'This is not text of 1 to 255 printable ASCII characters'],
      ]);
    }
  });

  it('one place in the body and in the address is told both', async () => {
    const found = await mistakes('POST /execution?workflow=default', { body: { input: { role: 'admin' } } });
    expect(found).toEqual({ '/workflow': 'This is needed. There is no such parameter' });
  });

  it.each([
    ['nothing', 404, 'unknown_workflow'],
    ['paused', 403, 'workflow_disabled'],
  ])('the workflow %s is %i, whatever is wrong with its input', async (workflow, status, code) => {
    const { call, asked } = desk;
    for (const input of [{}, { role: 5, color: 'red' }]) {
      const answer = await call('POST /execution', { body: { workflow, input } });
      expect(answer).toMatchObject({ status, body: { code } });
      expect(answer.body).not.toHaveProperty('errors');
    }
    expect(asked.filter((each) => each.call !== 'enter')).toEqual([]);
  });

  it.each([
    '{"workflow":"default","input":{"role":"admin"}',
    '',
    '{"workflow":"default","workflow":"other","input":{"role":"admin"}}',
    '{"workflow":"default","input":{"role":"reader","ro\\u006ce":"admin"}}',
    '{"workflow":"default","input":{"role":"admin","__proto__":{"role":"x"}}}',
    '{"workflow":"default","input":{"role":"admin"},"constructor":{"prototype":{}}}',
    '\ufeff{"workflow":"default","workflow":"other","input":{"role":"admin"}}',
  ])('%j is no body that could be read in one way alone', async (body) => {
    expect(await mistakes('POST /execution', { body, headers: json })).toEqual(body === '' ? { '': notObject } : {});
  });

  it('bytes that are no UTF-8 are refused, not replaced', async () => {
    const { url, asked } = desk;
    const body = Buffer.from('{"workflow":"default","input":{"role":"\xff"}}', 'latin1');
    const headers = { ...json, authorization: 'Bearer alice' };
    const { status } = await fetch(`${url}/api/v1/execution`, { method: 'POST', body, headers });
    expect(status).toBe(400);
    expect(asked).toHaveLength(1);
  });

  it('text that only looks like fields is text', async () => {
    const { call } = desk;
    const reason = 'say "a": 1, "a": 2 \\" {"role": 3} and \u00e4\u{1f98a}';
    const body = { workflow: 'default', input: { role: 'admin', reason } };
    expect((await call('POST /execution', { body })).status).toBe(201);
  });

  it('the mistakes that the core finds are told as of the whole body', async () => {
    const problems = [
      { pointer: '/role', message: 'There is no role "x"' },
      { pointer: '', message: 'Something' },
    ];
    const create = async () => {
      throw new ElevateError('invalid_input', 'Not complete.', { details: { problems } });
    };
    const { call } = await openDesk({ says: { create } });
    const { body } = await call('POST /execution', { body: { workflow: 'default', input: { role: 'x' } } });
    expect(body.errors).toEqual([
      { pointer: '/input/role', message: 'There is no role "x"' },
      { pointer: '/input', message: 'Something' },
    ]);
  });

  it('a body full of mistakes is not answered at its own length', async () => {
    const fields = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`f${index}`, 1]));
    const found = await mistakes('POST /execution', { body: { ...fields, workflow: 'default', input: { role: 'a' } } });
    expect(Object.keys(found)).toHaveLength(50);
  });

  it.each(['', ' ', 'k'.repeat(256), '\u00e4'])('T22: the Idempotency-Key %j is refused by name', async (key) => {
    const { call, asked } = desk;
    const body = { workflow: 'default', input: { role: 'admin' } };
    const answer = await call('POST /execution', { body, headers: { 'Idempotency-Key': key } });
    expect(answer.body).toMatchObject({
      code: 'invalid_input',
      errors: [{ pointer: '/Idempotency-Key', message: 'This is not text of 1 to 255 printable ASCII characters' }],
    });
    expect(asked).toHaveLength(1);
  });
});

describe('kinds and sizes of bodies', () => {
  const wish = '{"workflow":"default","input":{"role":"admin"}}';

  it.each([
    ['POST /execution', 'text/plain'],
    ['POST /execution', 'application/x-www-form-urlencoded'],
    ['POST /execution', 'application/cloudevents+json'],
    ['POST /execution', 'application/jsonp'],
    ['POST /execution', 'nonsense'],
    [`POST /execution/${id}/signal`, 'text/plain'],
    [`POST /execution/${id}/signal`, 'application/cloudevents-batch+json'],
    [`POST /execution/${id}/cancel`, 'text/plain'],
  ])('%s takes no %s', async (request, type) => {
    const { call, asked } = desk;
    const { status, body } = await call(request, { body: wish, headers: { 'content-type': type } });
    expect({ status, code: body.code }).toEqual({ status: 415, code: 'unsupported_media_type' });
    expect(asked).toHaveLength(1);
  });

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON', 'application/json ;x=y'])(
    'JSON is JSON, as %s, and checked',
    async (type) => {
      const { call } = desk;
      const headers = { 'content-type': type };
      expect((await call('POST /execution', { body: wish, headers })).status).toBe(201);
      expect((await call('POST /execution', { body: '{}', headers })).status).toBe(400);
      expect((await call(`POST /execution/${id}/signal`, { body: '{}', headers })).status).toBe(400);
    },
  );

  it('more than 64 KiB are 413', async () => {
    const { call, asked } = desk;
    const { status, body } = await call('POST /execution', { body: { workflow: 'x'.repeat(64 * 1024) } });
    expect({ status, code: body.code }).toEqual({ status: 413, code: 'too_large' });
    expect(asked).toHaveLength(1);
  });

  it.each([
    [`POST /execution/${id}/cancel`, { reason: 'x' }],
    [`POST /execution/${id}/terminate`, ['x']],
    [`POST /execution/${id}/terminate`, []],
    [`POST /execution/${id}/terminate`, 'null'],
    ['POST /operator/index/rebuild', { fast: true }],
  ])('%s with %j: where nothing can be said, nothing is dropped', async (request, body) => {
    expect(await mistakes(request, { body, headers: json })).toEqual({ '': 'Nothing is taken here' });
  });
});

describe('signal', () => {
  const event = { specversion: '1.0', id: 'done-42', source: 'my-laptop', type: 'io.elevate.release.v1' };

  it.each<[CallOptions, Record<string, string>]>([
    [{}, { '': needed }],
    [{ body: {} }, { '/input': needed }],
    [{ body: { input: '' } }, { '/input': 'This is empty' }],
    [{ body: { input: 'x', reason: 'r'.repeat(501) } }, { '/reason': 'At most 500 characters' }],
    [{ body: { input: 'x', choice: 'approve' } }, { '/choice': noField }],
    // An event of the owner's is taken for one only if it says so.
    [
      { body: event },
      { '/input': needed, '/specversion': noField, '/id': noField, '/source': noField, '/type': noField },
    ],
    [
      { body: { ...event, type: 'io.elevate.decision.v1' }, headers: cloudEvent },
      { '/type': 'Only "io.elevate.release.v1" is taken here' },
    ],
    [{ body: { ...event, specversion: '0.3' }, headers: cloudEvent }, { '/specversion': 'Only "1.0" is taken here' }],
    [
      { body: { ...event, id: '' }, headers: cloudEvent },
      { '/id': 'This is not text of 1 to 255 printable ASCII characters' },
    ],
    [
      { body: { ...event, id: 'i'.repeat(256) }, headers: cloudEvent },
      { '/id': 'This is not text of 1 to 255 printable ASCII characters' },
    ],
    [
      { body: { ...event, id: 'a\nb' }, headers: cloudEvent },
      { '/id': 'This is not text of 1 to 255 printable ASCII characters' },
    ],
    [
      { body: { ...event, subject: sampleId(2) }, headers: cloudEvent },
      { '/subject': 'This is not the execution of the address' },
    ],
    [{ body: { ...event, time: 'noon' }, headers: cloudEvent }, { '/time': 'This is not a date and time (RFC 3339)' }],
    [
      { body: { ...event, data: { until: 1 }, extra: 1 }, headers: cloudEvent },
      { '/data/until': noField, '/extra': noField },
    ],
    [
      { body: { input: 'x' }, headers: cloudEvent },
      { '/specversion': needed, '/id': needed, '/source': needed, '/type': needed, '/input': noField },
    ],
  ])('POST %j is told all its mistakes', async (options, expected) => {
    expect(await mistakes(`POST /execution/${id}/signal`, options)).toEqual(expected);
  });

  it.each([
    ['', { '/input': needed }],
    ['?input=', { '/input': 'This is empty' }],
    ['?input=a&input=b', { '/input': noText }],
    ['?input=a&choice=approve', { '/choice': 'There is no such parameter' }],
  ])('GET %s is told its mistakes', async (query, expected) => {
    expect(await mistakes(`GET /execution/${id}/signal${query}`, {})).toEqual(expected);
  });
});

describe('queries', () => {
  const limit = { '/limit': 'This is not a whole number from 1 to 100' };
  it.each([
    ['/executions?limit=0', limit],
    ['/executions?limit=101', limit],
    ['/executions?limit=007', limit],
    ['/executions?limit=1e1', limit],
    ['/executions?limit=', limit],
    ['/executions?limit=%2010', limit],
    ['/executions?limit=1&limit=2', { '/limit': noText }],
    ['/executions?status=open', { '/status': 'One of running, closed, all' }],
    ['/executions?scope=all&owner=bob@example.com', { '/owner': 'Either scope or owner, not both' }],
    ['/executions?Status=all&x', { '/Status': 'There is no such parameter', '/x': 'There is no such parameter' }],
    ['/approvals?status=all&limit=no', { '/status': 'There is no such parameter', ...limit }],
    [`/execution/${id}?x=1`, { '/x': 'There is no such parameter' }],
    [`/execution/${id}/cancel?force=true`, { '/force': 'There is no such parameter' }],
    ['/roles?__proto__=1', { '/__proto__': 'There is no such parameter' }],
    ['/whoami?x', { '/x': 'There is no such parameter' }],
  ])('GET %s is told its mistakes', async (path, expected) => {
    const found = await mistakes(`GET ${path}`, {});
    expect(JSON.stringify(found)).toBe(JSON.stringify(expected));
  });
});
