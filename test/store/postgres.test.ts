import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { ElevateError } from '../../src/core/errors.ts';
import { openStore } from '../../src/store/database.ts';
import { alice, sampleId, sampleInput, sampleState, sampleTime } from '../samples.ts';
import { onDatabase, openUrl, storesOf } from './stores.ts';

const row = { input: sampleInput(), state: sampleState(), run: 'run-1', updatedAt: sampleTime };
const password = 'hunter2-%2F-Pa55';
const { freshUrl, open } = storesOf('postgres');

const closing: (() => unknown)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

function failureOf(work: Promise<unknown>): Promise<ElevateError> {
  return work.then(
    () => expect.fail('nothing was thrown'),
    (error) => error,
  );
}

/** A server that takes connections and never says a word. */
async function silentServer(): Promise<number> {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

function changedUrl(url: string, change: (url: URL) => void): string {
  const changed = new URL(url);
  change(changed);
  return changed.href;
}

describe('the URL of PostgreSQL', () => {
  it.each([
    { url: `postgres://u:${password}@`, says: 'percent-encoded' },
    { url: `postgres://u:${password}@h`, says: 'database' },
    { url: `postgres://u:${password}@h/`, says: 'database' },
    { url: `postgresql:///d?password=${password}`, says: 'host' },
    { url: `postgres://u:${password}@h:99999/d`, says: 'percent-encoded' },
    { url: `postgres://u:${password}/x@h/d`, says: 'percent-encoded' },
    { url: `postgres://u:%zz${password}@h/d`, says: 'percent-encoded' },
    { url: `postgres://u:%00${password}@h/d`, says: 'percent-encoded' },
    { url: `postgres://u:${password}@h/%ff`, says: 'database' },
    { url: `postgres://u:${password}@h/d?sslmode=verify`, says: 'sslmode' },
    { url: `postgres:u:${password}`, says: 'host' },
  ])('P7: refuses $url with the remedy, and never repeats it', async ({ url, says }) => {
    const error = await failureOf(openStore(url));
    expect(error).toMatchObject({ name: 'ElevateError', code: 'invalid_input' });
    expect(error.message).toContain(says);
    expect(error.message).toContain('postgres://USER:PASSWORD@HOST');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2');
  });

  it.each(['postgres:', 'postgresql:', 'POSTGRES:'])('takes %s', async (scheme) => {
    const url = await freshUrl();
    const store = await openUrl(`${scheme}${url.slice('postgres:'.length)}`);
    await store.executions.create(row);
    expect(await store.executions.get(sampleId())).toEqual(row);
  });

  it.each(['require', 'verify-full', 'no-verify'])('sslmode=%s never goes on without TLS', async (mode) => {
    const url = changedUrl(await freshUrl(), ({ searchParams }) => searchParams.set('sslmode', mode));
    const error = await failureOf(openStore(url));
    expect(error).toMatchObject({ code: 'unavailable', cause: { message: expect.stringContaining('SSL') } });
  });

  it('connects by the name of the product, so that operators know whose connections they see', async () => {
    const url = await freshUrl();
    const store = await openUrl(url);
    await store.ping();
    const sessions = `select 1 from pg_stat_activity where application_name = 'elevate' and datname = current_database()`;
    expect(await onDatabase(url, sessions)).toHaveLength(1);
  });
});

describe('PostgreSQL that cannot be reached', () => {
  const cases: { what: string; change: (url: URL) => void; says?: string }[] = [
    { what: 'the password is wrong', change: (url) => void (url.password = password) },
    { what: 'the user is unknown', change: (url) => void ((url.username = 'nobody'), (url.password = password)) },
    { what: 'the database is unknown', change: (url) => void (url.pathname = '/nowhere') },
    { what: 'nothing listens', change: (url) => void ((url.port = '1'), (url.password = password)) },
    { what: 'the host is unknown', change: (url) => void ((url.hostname = 'db.invalid'), (url.password = password)) },
  ];

  it.each(cases)('P7: says so without the password when $what', async ({ change }) => {
    const url = changedUrl(await freshUrl(), change);
    const { host, pathname } = new URL(url);
    const said: unknown[] = [];
    const say = (...words: unknown[]) => void said.push(words);
    const log = { debug: say, info: say, warn: say, error: say };
    const error = await failureOf(openStore(url, log));
    expect(error.code).toBe('unavailable');
    expect(error.message).toContain(`${pathname.slice(1)} on ${host}`);
    const everything = inspect([error, said], { depth: 20, showHidden: true });
    expect(everything).not.toContain('hunter2');
    expect(everything).not.toContain(new URL(url).password);
  });

  it('gives up on a server that says nothing', async () => {
    const port = await silentServer();
    const error = await failureOf(openStore(`postgres://u:${password}@127.0.0.1:${port}/d`));
    expect(error).toMatchObject({ code: 'unavailable', cause: { message: expect.stringContaining('timeout') } });
  });
});

describe('a connection that is lost', () => {
  const killAll = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;

  it('P5: while idle, ends nothing: the next call has another, and the log knows', async () => {
    const url = await freshUrl();
    const lost = Promise.withResolvers<object>();
    const log = { debug() {}, info() {}, error() {}, warn: (fields: object) => lost.resolve(fields) };
    const store = await openUrl(url, log);
    await store.executions.create(row);
    await onDatabase(url, killAll);
    expect(inspect(await lost.promise, { depth: 9 })).not.toContain(new URL(url).password);
    expect(await store.executions.get(sampleId())).toEqual(row);
  });

  it('P5: in the middle of many calls, each is done or refused, and then all is well again', async () => {
    const url = await freshUrl();
    const store = await openUrl(url);
    const writes = Array.from({ length: 60 }, (_, index) => {
      const input = sampleInput({ request: { id: sampleId(index) } });
      return store.executions.create({ ...row, input });
    });
    const [results] = await Promise.all([Promise.allSettled(writes), onDatabase(url, killAll)]);
    for (const [index, result] of results.entries()) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'unavailable' });
      else expect(await store.executions.get(sampleId(index))).toBeDefined();
    }
    await store.executions.put(row);
    expect(await store.executions.get(sampleId())).toEqual(row);
  });

  it('P7: no error of a call holds the URL', async () => {
    const url = await freshUrl();
    const store = await openUrl(url);
    await onDatabase(url, 'drop table cards');
    const error = await failureOf(store.cards.of(sampleId(), 'chat'));
    expect(error).toMatchObject({ code: 'unavailable', cause: { code: '42P01' } });
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(new URL(url).password);
  });
});

describe('conflicts', () => {
  it('P3: writers of one row at the same time all get through, one after the other', async () => {
    const store = await open();
    const versions = Array.from({ length: 30 }, (_, index) => index + 1);
    await Promise.all(versions.map((version) => store.executions.put({ ...row, state: sampleState({ version }) })));
    expect((await store.executions.get(sampleId()))?.state.version).toBe(30);
  });

  it('T31: twenty people at once do not stand in each other’s way', async () => {
    const { limits } = await open();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        limits.admit({
          execution: sampleId(index),
          owner: `${index}-${alice.id}`,
          fingerprint: 'same',
          at: sampleTime,
          openPerPerson: 1,
          perHour: 1,
        }),
      ),
    );
    expect(answers).toEqual(answers.map(() => ({ admitted: true })));
  });
});
