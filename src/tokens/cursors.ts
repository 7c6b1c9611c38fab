/**
 * Places in lists, as opaque words. A cursor is of use only to the caller and for the filter that it was made for, so
 * that none can be carried from one person's list to another's (P4).
 */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { ElevateError } from '../core/errors.ts';
import type { Cursors, Position } from '../core/ports.ts';
import type { TokenKey } from './signal-token.ts';

/** `<time>.<id>.<seal>`, of letters that need no escaping in an address. */
const form = /^(?<at>[0-9]{1,15})\.(?<id>wf_[0-9a-z]{26})\.(?<seal>[A-Za-z0-9_-]{43})$/;

/** @param keys newest first: the first seals, all open */
export function createCursors(keys: readonly Pick<TokenKey, 'key'>[]): Cursors {
  const secrets = keys.map(({ key }) => createSecretKey(key));
  const [newest] = secrets;
  if (newest === undefined) throw new ElevateError('invalid_input', 'Cursors need at least one key.');
  return {
    seal: (position, bound) => `${position.at}.${position.id}.${sealOf(newest, position, bound)}`,

    open(cursor, bound) {
      const { at, id, seal } = form.exec(cursor)?.groups ?? {};
      if (at === undefined || id === undefined || seal === undefined) throw foreign();
      const position = { at: Number(at), id };
      const given = Buffer.from(seal);
      if (!secrets.some((secret) => timingSafeEqual(Buffer.from(sealOf(secret, position, bound)), given)))
        throw foreign();
      return position;
    },
  };
}

/** 43 characters: as text, since base64url has several spellings of the same bytes. */
function sealOf(secret: KeyObject, { at, id }: Position, bound: readonly string[]): string {
  const sealed = JSON.stringify([at, id, ...bound]);
  return createHmac('sha256', secret).update(sealed).digest('base64url');
}

function foreign(): ElevateError {
  const problems = [{ pointer: '/cursor', message: 'This cursor belongs to another list. Begin again without one' }];
  return new ElevateError('invalid_input', 'The list cannot go on from there.', { details: { problems } });
}
