import { describe, expect, it } from 'vitest';
import { kinds, openUrl, storesOf } from './stores.ts';

describe.each(kinds)('marks on %s', (kind) => {
  it('the newest one is there for whoever comes next', async () => {
    const url = await storesOf(kind).freshUrl();
    const { marks, close } = await openUrl(url);
    expect(await marks.get('looked')).toBeUndefined();
    await marks.put('looked', 9);
    await marks.put('looked', 1_767_225_600_000);
    await marks.put('other', 1);
    await close();
    expect(await (await openUrl(url)).marks.get('looked')).toBe(1_767_225_600_000);
  });
});
