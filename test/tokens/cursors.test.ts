import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCursors } from '../../src/tokens/cursors.ts';

const key = () => ({ key: new Uint8Array(randomBytes(32)) });
const one = key();
const cursors = createCursors([one]);
const id = 'wf_0123456789abcdefghjkmnpqrs';
const position = { at: 1_763_000_000_000, id };
const mine = ['executions', 'alice@example.com', 'running', 'of alice@example.com'];

const expectRefused = (open: () => unknown) => {
  expect(open).toThrow(expect.objectContaining({ code: 'invalid_input' }));
};

describe('a cursor', () => {
  it('comes back as the place that it was made of', () => {
    fc.assert(
      fc.property(fc.nat({ max: 9e12 }), fc.array(fc.string()), (at, bound) => {
        expect(cursors.open(cursors.seal({ at, id }, bound), bound)).toEqual({ at, id });
      }),
    );
  });

  it('P4: is of no use to another caller, for another filter, or for another list', () => {
    const cursor = cursors.seal(position, mine);
    for (const [index] of mine.entries()) expectRefused(() => cursors.open(cursor, mine.with(index, 'other')));
    expectRefused(() => cursors.open(cursor, []));
    expectRefused(() => cursors.open(cursor, [mine.join(',')]));
    expectRefused(() => cursors.open(cursor, [...mine, '']));
  });

  it('is refused with any of its characters changed, left out or added', () => {
    const cursor = cursors.seal(position, mine);
    for (const place of Array.from({ length: cursor.length }).keys()) {
      const other = cursor[place] === 'a' ? 'b' : 'a';
      expectRefused(() => cursors.open(cursor.slice(0, place) + other + cursor.slice(place + 1), mine));
      expectRefused(() => cursors.open(cursor.slice(0, place) + cursor.slice(place + 1), mine));
    }
    expectRefused(() => cursors.open(`${cursor}a`, mine));
  });

  it('is refused, and nothing else, whatever is sent in its place', () => {
    fc.assert(fc.property(fc.string(), (text) => expectRefused(() => cursors.open(text, mine))));
  });

  it('still opens while its key is listed, and no longer', () => {
    const newer = key();
    const cursor = cursors.seal(position, mine);
    expect(createCursors([newer, one]).open(cursor, mine)).toEqual(position);
    expectRefused(() => createCursors([newer]).open(cursor, mine));
  });
});

it('no key, no cursors', () => {
  expectRefused(() => createCursors([]));
});
