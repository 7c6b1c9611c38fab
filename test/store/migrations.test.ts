import { describe, expect, it } from 'vitest';
import { alice, sampleId, sampleInput, sampleState, sampleTime } from '../samples.ts';
import { ended, freshDatabase, freshPath, kinds, onDatabase, openUrl, runApart, storesOf } from './stores.ts';

const row = { input: sampleInput(), state: sampleState(), run: 'run-1', updatedAt: sampleTime };
const indexes = ['of_owner', 'of_owner_and_open', 'of_all', 'of_all_and_open', 'open'].map(
  (name) => `executions_${name}`,
);

/** As the first version has left it, with six hundred rows. */
async function asOfFirstVersion(url: string): Promise<void> {
  for (const index of indexes) await onDatabase(url, `drop index ${index}`);
  await onDatabase(url, 'alter table executions drop column about');
  await onDatabase(url, `delete from kysely_migration where name > '0002'`);
  const columns =
    'owner, beneficiary, workflow, phase, outcome, is_open, self_approval, version, run, created_at, closed_at, updated_at, input, state';
  await onDatabase(
    url,
    `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 600)
     insert into executions (id, ${columns}) select id || '-' || n, ${columns} from executions cross join numbers`,
  );
}

describe.each(kinds)('migrations on %s', (kind) => {
  const stores = storesOf(kind);

  it('P5: rows that an older version has written are in the lists of this one', async () => {
    const url = await stores.freshUrl();
    const before = await openUrl(url);
    await before.executions.create(row);
    await before.close();
    await asOfFirstVersion(url);
    const { executions } = await openUrl(url);
    const found = await executions.list({ owner: alice.id, limit: 1_000 });
    expect(found).toHaveLength(601);
    expect(new Set(found.map(({ about }) => about))).toEqual(new Set(['admin on aws-prod']));
    expect(await executions.get(sampleId())).toEqual(row);
  });

  it('prepares the tables once for three processes', async () => {
    const url = kind === 'sqlite' ? `sqlite:${freshPath()}` : await freshDatabase();
    const starters = [1, 2, 3].map(() =>
      runApart(`import { openStore } from './src/store/database.ts';
        const store = await openStore('${url}'); await store.ping(); await store.close();`),
    );
    expect(await Promise.all(starters.map(ended))).toEqual([0, 0, 0]);
    await (await openUrl(url)).executions.create(row);
  });

  it('prepares the tables once for three stores of one process', async () => {
    const url = kind === 'sqlite' ? `sqlite:${freshPath()}` : await freshDatabase();
    const opened = await Promise.all([openUrl(url), openUrl(url), openUrl(url)]);
    await opened[0].executions.create(row);
    for (const store of opened) expect(await store.executions.get(sampleId())).toEqual(row);
  });

  it('refuses tables that a newer version has changed', async () => {
    const url = await stores.freshUrl();
    await (await openUrl(url)).close();
    await onDatabase(url, `insert into kysely_migration values ('9999_future', '2030-01-01T00:00:00.000Z')`);
    await expect(openUrl(url)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

it('sqlite: a migration that a crash has cut short is done again', async () => {
  const url = `sqlite:${freshPath()}`;
  const before = await openUrl(url);
  await before.executions.create(row);
  await before.close();
  await onDatabase(url, `delete from kysely_migration where name > '0002'`);
  await onDatabase(url, `update executions set about = ''`);
  const { executions } = await openUrl(url);
  expect(await executions.list({ limit: 10 })).toMatchObject([{ about: 'admin on aws-prod' }]);
});
