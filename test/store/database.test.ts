import { existsSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Kysely, sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { ElevateError } from '../../src/core/errors.ts';
import { openStore } from '../../src/store/database.ts';
import type { Tables } from '../../src/store/schema.ts';
import { exclusively } from '../../src/store/sqlite-lock.ts';
import { sqliteDialect } from '../../src/store/sqlite.ts';
import { sampleId, sampleInput, sampleState, sampleTime } from '../samples.ts';
import { ended, firstLine, freshPath, kinds, onDatabase, openUrl, runApart, storesOf } from './stores.ts';

const row = { input: sampleInput(), state: sampleState(), run: 'run-1', updatedAt: sampleTime };

function failureOf(work: Promise<unknown>): Promise<ElevateError> {
  return work.then(
    () => expect.fail('nothing was thrown'),
    (error) => error,
  );
}

describe('opening', () => {
  it.each(['mysql://elevate:hunter2@db/elevate', 'elevate.db', 'sqlite:', 'sqlite://host/x.db', '', 'sqlite:a\0b'])(
    'refuses %j with the remedy, and never repeats it (P7)',
    async (url) => {
      const error = await failureOf(openStore(url));
      expect(error).toMatchObject({ name: 'ElevateError', code: 'invalid_input' });
      expect(error.message).toContain('sqlite:PATH');
      expect(error.message).not.toContain('hunter2');
    },
  );

  it('opens a store in memory, apart from every other', async () => {
    const [one, other] = await Promise.all([openStore('sqlite::memory:'), openStore('sqlite::memory:')]);
    await one.executions.create(row);
    await one.ping();
    expect(await one.executions.get(sampleId())).toEqual(row);
    expect(await other.executions.get(sampleId())).toBeUndefined();
    await Promise.all([one.close(), other.close()]);
  });

  it('says which file it cannot open', async () => {
    const error = await failureOf(openStore('sqlite:/nowhere/at/all/elevate.db'));
    expect(error).toMatchObject({ code: 'unavailable', cause: { code: 'ENOENT' } });
    expect(error.message).toContain('/nowhere/at/all/elevate.db');
  });

  it('refuses a file that is not a database', async () => {
    const path = freshPath();
    writeFileSync(path, 'not a database at all, '.repeat(100));
    expect(await failureOf(openStore(`sqlite:${path}`))).toMatchObject({ code: 'unavailable' });
  });

  it('P7: nobody else on the machine may read a new store', async () => {
    const path = freshPath();
    const store = await openUrl(`sqlite:${path}`);
    await store.executions.create(row);
    for (const file of [path, `${path}-wal`]) expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('P5: keeps a write-ahead log, and has each commit on disk', async () => {
    const db = new Kysely<Tables>({ dialect: sqliteDialect(freshPath()) });
    const { rows: journal } = await sql`pragma journal_mode`.execute(db);
    const { rows: synchronous } = await sql`pragma synchronous`.execute(db);
    await db.destroy();
    expect(journal).toEqual([{ journal_mode: 'wal' }]);
    expect(synchronous).toEqual([{ synchronous: 2 }]);
  });
});

describe('starting at the same time', () => {
  it('prepares the tables behind a lock that nobody else can have meanwhile', async () => {
    const path = freshPath();
    const opened = await exclusively(path, 0, async () => {
      await expect(exclusively(path, 0, async () => 'both')).rejects.toThrow('locked');
      const store = openStore(`sqlite:${path}`);
      await new Promise((done) => setImmediate(done));
      expect(existsSync(path)).toBe(false);
      return [store];
    });
    await (await opened[0])?.close();
    expect(existsSync(path)).toBe(true);
  });

  it('is not held up by a process that died while it prepared the tables', async () => {
    const path = freshPath();
    const starter = runApart(`import { exclusively } from './src/store/sqlite-lock.ts';
      await exclusively('${path}', 0, async () => { console.log('held'); await new Promise((done) => setTimeout(done, 60_000)); });`);
    expect(await firstLine(starter)).toBe('held');
    starter.kill('SIGKILL');
    await ended(starter);
    await (await openUrl(`sqlite:${path}`)).ping();
  });
});

describe.each(kinds)('durability on %s', (kind) => {
  const stores = storesOf(kind);

  it('P5: finds everything again after it was closed', async () => {
    const url = await stores.freshUrl();
    const store = await openUrl(url);
    await store.executions.create(row);
    await store.close();
    expect(await (await openUrl(url)).executions.get(sampleId())).toEqual(row);
  });

  it('P5: finds again what was written when the process is killed', async () => {
    const url = await stores.freshUrl();
    const writer = runApart(`import { openStore } from './src/store/database.ts';
      import { sampleInput, sampleState } from './test/samples.ts';
      const store = await openStore('${url}');
      await store.executions.put({ input: sampleInput(), state: sampleState(), run: 'run-1', updatedAt: ${sampleTime} });
      console.log('written');
      await new Promise((done) => setTimeout(done, 60_000));`);
    expect(await firstLine(writer)).toBe('written');
    writer.kill('SIGKILL');
    await ended(writer);
    expect(await (await openUrl(url)).executions.get(sampleId())).toEqual(row);
  });
});

describe.each(kinds)('a database on %s that does not answer', (kind) => {
  const stores = storesOf(kind);

  it('is unavailable once it was closed, in every port', async () => {
    const store = await stores.open();
    await store.close();
    const calls = [
      store.ping(),
      store.executions.put(row),
      store.executions.get(sampleId()),
      store.audit.of(sampleId()),
      store.bindings.ofPrincipal('alice@example.com', 'chat'),
      store.signIns.inGroup('sre'),
      store.limits.release(sampleId()),
      store.cards.of(sampleId(), 'chat'),
      store.references.get({ platform: 'chat', tenant: 'T1', kind: 'personal', key: 'U1' }),
      store.ledger.close(sampleId(), 0, sampleTime),
    ];
    for (const call of calls) {
      const error = await failureOf(call);
      expect(error).toBeInstanceOf(ElevateError);
      expect(error).toMatchObject({ code: 'unavailable', cause: expect.any(Error) });
    }
  });

  it('is unavailable, with its own error as the cause alone', async () => {
    const url = await stores.freshUrl();
    const store = await openUrl(url);
    await onDatabase(url, 'drop table cards');
    const error = await failureOf(store.cards.of(sampleId(), 'chat'));
    expect(error).toMatchObject({ code: 'unavailable', cause: { message: expect.stringContaining('cards') } });
    expect(error.message).not.toContain('cards');
  });

  it('closes twice without complaint', async () => {
    const store = await stores.open();
    await store.close();
    await expect(store.close()).resolves.toBeUndefined();
  });
});

describe('a database that another process has locked', () => {
  it('is waited for without holding up this process', async () => {
    const path = freshPath();
    const store = await openUrl(`sqlite:${path}`);
    const other = new DatabaseSync(path);
    other.exec('begin immediate');
    const written = store.executions.put(row);
    await new Promise((done) => setImmediate(done));
    other.exec('commit');
    await written;
    expect(await store.executions.get(sampleId())).toEqual(row);
    other.close();
  });

  it('and for too long: says so, has written nothing, and goes on once it is free', async () => {
    const path = freshPath();
    const store = await openUrl(`sqlite:${path}`);
    const other = new DatabaseSync(path);
    other.exec('begin immediate');
    expect(await failureOf(store.executions.put(row))).toMatchObject({
      code: 'unavailable',
      cause: { message: expect.stringContaining('locked') },
    });
    other.exec('commit');
    expect(await store.executions.get(sampleId())).toBeUndefined();
    await store.executions.put(row);
    expect(await store.executions.get(sampleId())).toEqual(row);
    other.close();
  });
});

describe('a transaction in SQLite', () => {
  const line = { at: 1, seq: 0, kind: 'test', execution: null, principal: null, actor: null, details: '{}' };

  async function openTables(): Promise<{ path: string; db: Kysely<Tables> }> {
    const path = freshPath();
    await (await openUrl(`sqlite:${path}`)).ping();
    return { path, db: new Kysely<Tables>({ dialect: sqliteDialect(path) }) };
  }
  const idsIn = async (db: Kysely<Tables>) => (await db.selectFrom('audit').select('id').execute()).map(({ id }) => id);

  it('of which one statement fails changes nothing, says what failed, and harms none of the next', async () => {
    const { db } = await openTables();
    const failed = db.transaction().execute(async (transaction) => {
      for (const id of ['one', 'one', 'two'])
        await transaction
          .insertInto('audit')
          .values({ ...line, id })
          .execute();
    });
    await expect(failed).rejects.toThrow('UNIQUE');
    expect(await idsIn(db)).toEqual([]);
    await db.transaction().execute((after) =>
      after
        .insertInto('audit')
        .values({ ...line, id: 'three' })
        .execute(),
    );
    expect(await idsIn(db)).toEqual(['three']);
    await db.destroy();
  });

  it('tells whoever looks after a statement that failed, instead of what is there', async () => {
    const { db } = await openTables();
    const failed = db.transaction().execute(async (transaction) => {
      for (const id of ['one', 'one'])
        await transaction
          .insertInto('audit')
          .values({ ...line, id })
          .execute();
      await transaction.selectFrom('audit').select('id').execute();
      expect.fail('what failed was not told');
    });
    await expect(failed).rejects.toThrow('UNIQUE');
    await db.destroy();
  });

  it('that cannot be committed leaves nothing open that later writes would be lost with', async () => {
    const { path, db } = await openTables();
    await sql`create table parents (id text primary key)`.execute(db);
    await sql`create table children (parent text references parents (id) deferrable initially deferred)`.execute(db);
    const failed = db
      .transaction()
      .execute((orphan) => sql`insert into children (parent) values ('nobody')`.execute(orphan));
    await expect(failed).rejects.toThrow('FOREIGN KEY');
    await db
      .insertInto('audit')
      .values({ ...line, id: 'one' })
      .execute();
    const other = new DatabaseSync(path);
    expect(other.prepare('select id from audit').all()).toMatchObject([{ id: 'one' }]);
    other.close();
    await db.destroy();
  });

  it('that cannot begin has done nothing', async () => {
    const { path, db } = await openTables();
    const other = new DatabaseSync(path);
    other.exec('begin immediate');
    const failed = db.transaction().execute((locked) =>
      locked
        .insertInto('audit')
        .values({ ...line, id: 'one' })
        .execute(),
    );
    await expect(failed).rejects.toThrow('locked');
    other.exec('commit');
    other.close();
    expect(await idsIn(db)).toEqual([]);
    await db.destroy();
  });
});
