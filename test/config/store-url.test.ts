import { describe, expect, it } from 'vitest';
import { changed, load, mistakesIn } from './sample.ts';

const withStore = (store: string) => changed('slack:\n', `store: ${JSON.stringify(store)}\nslack:\n`);

describe('the store', () => {
  it.each([
    'sqlite:./elevate.db',
    'sqlite:/var/lib/a b/elevate.db',
    'postgres://db.example.com/elevate',
    'postgresql://elevate@db.example.com:5432/elevate?sslmode=verify-full',
    'postgres://elevate@%2Frun%2Fpostgresql/elevate',
    'postgres:///elevate?host=/run/postgresql',
    'postgres://elevate@[::1]:5432/elevate',
  ])('may be %s', (store) => {
    const { config, warnings } = load(withStore(store));
    expect(config.store).toBe(store);
    expect(warnings).toEqual([]);
  });

  it.each([
    ['mysql://u:hunter2@db/x', 'must be sqlite: and a path, or a URL'],
    ['postgres:hunter2', 'must be sqlite: and a path, or a URL'],
    ['postgres://u:hunter2 @db/x', 'must be sqlite: and a path, or a URL'],
    ['postgres://u:hunter2#@db/x', 'is not a URL that can be read'],
    ['postgres://u:5432#hunter2@db/x', 'is not a URL that can be read'],
    ['postgres://u:hunter2%zz@db/x', 'is not a URL that can be read'],
    ['postgres://u:hunter2@db:port/x', 'is not a URL that can be read'],
    ['postgres:///hunter2', 'names no host'],
    ['postgres://hunter2', 'names no database'],
    ['postgres://u:hunter2@db/', 'names no database'],
  ])('P7: may not be %s, and what is said does not quote it', (store, says) => {
    const mistakes = mistakesIn(withStore(store));
    expect(mistakes).toMatchObject([{ path: 'store', line: 3, message: expect.stringContaining(says) }]);
    expect(JSON.stringify(mistakes)).not.toContain('hunter2');
  });

  it.each(['postgres://u:hunter2@db/x', 'postgres://u@db/x?password=hunter2', 'postgres://u:${UNSET:-hunter2}@db/x'])(
    'P7: a password in the file itself is warned about, without saying it: %s',
    (store) => {
      const { warnings } = load(withStore(store));
      expect(warnings).toMatchObject([{ path: 'store', message: 'is a secret in the file itself' }]);
      expect(JSON.stringify(warnings)).not.toContain('hunter2');
    },
  );

  it('one in a variable is not', () => {
    expect(load(withStore('postgres://u:${DB_PASSWORD}@db/x')).warnings).toEqual([]);
  });
});
