/** A GET that changes something happens only if somebody meant it. Each refusal leaves the core alone. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleId } from '../samples.ts';
import { type Desk, openDesk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
beforeEach(() => desk.forget());

const id = sampleId();
const paths = [`/execution/${id}/cancel`, `/execution/${id}/terminate`, `/execution/${id}/signal?input=a.token`];

describe.each(paths)('GET %s', (path) => {
  it.each([
    ['sec-purpose', 'prefetch'],
    ['sec-purpose', 'prefetch;prerender'],
    ['sec-purpose', 'prefetch;anonymous-client-ip'],
    ['purpose', 'prefetch'],
    ['Purpose', 'Preview'],
    ['x-purpose', 'preview'],
    ['x-moz', 'prefetch'],
  ])('is refused as a prefetch: %s: %s', async (name, value) => {
    const { call, asked } = desk;
    const { status, body } = await call(`GET ${path}`, { headers: { [name]: value } });
    expect({ status, code: body.code, reason: body.reason }).toEqual({
      status: 403,
      code: 'not_allowed',
      reason: 'prefetch',
    });
    expect(asked).toEqual([]);
  });

  it.each<Record<string, string>>([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'something-new' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
  ])('is refused from pages of other sites: %j', async (headers) => {
    const { call, asked } = desk;
    const { status, body } = await call(`GET ${path}`, { headers });
    expect({ status, code: body.code, reason: body.reason }).toEqual({
      status: 403,
      code: 'not_allowed',
      reason: 'cross_site',
    });
    expect(asked).toEqual([]);
  });

  it.each<Record<string, string>>([
    {},
    { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' },
    { 'sec-fetch-site': 'same-origin' },
  ])('is done as a request of its own: %j', async (headers) => {
    const { call, asked } = desk;
    expect((await call(`GET ${path}`, { headers })).status).toBe(200);
    expect(asked).toHaveLength(2);
  });

  it('is refused with a cookie alone', async () => {
    const { call, asked } = desk;
    const headers = { cookie: 'session=alice' };
    expect((await call(`GET ${path}`, { authorization: null, headers })).status).toBe(401);
    expect(asked).toEqual([]);
  });

  it('is not there as HEAD', async () => {
    const { call, asked } = desk;
    const { status, headers } = await call(`HEAD ${path}`);
    expect([status, headers.get('allow')]).toEqual([405, 'GET, POST']);
    expect(asked).toEqual([]);
  });

  it('is never kept, whatever the answer', async () => {
    const { call } = desk;
    const answers = await Promise.all([
      call(`GET ${path}`),
      call(`GET ${path}`, { authorization: null }),
      call(`GET ${path}`, { headers: { 'sec-purpose': 'prefetch' } }),
      call(`HEAD ${path}`),
    ]);
    expect(answers.map(({ headers }) => headers.get('cache-control'))).toEqual(Array(4).fill('no-store'));
  });

  it('P7: leaves no query in the log', async () => {
    const { call, lines } = desk;
    await call(`GET ${path}${path.includes('?') ? '&' : '?'}reason=hunter2`);
    await call(`HEAD ${path}`);
    expect(lines.join('')).not.toMatch(/hunter2|a\.token/);
  });
});

it('POST is meant by itself: a page cannot send the header without our leave', async () => {
  const { call } = desk;
  const headers = { 'sec-fetch-site': 'cross-site', 'sec-purpose': 'prefetch' };
  expect((await call(`POST /execution/${id}/cancel`, { headers })).status).toBe(200);
});

it('what only reads may be fetched ahead', async () => {
  const { call } = desk;
  expect((await call('GET /executions', { headers: { 'sec-purpose': 'prefetch' } })).status).toBe(200);
});
