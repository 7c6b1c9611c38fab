/** What a call asks for in its address, and in headers of its own. */
import { Type } from 'typebox';
import { executionId, oneOf, opt, strict } from '../openapi/schemas/parts.ts';

export const byId = Type.Object({ id: executionId });

/** Calls that ask for nothing there. */
export const noQuery = strict({});

const page = {
  limit: opt(
    Type.String({
      pattern: '^(?:[1-9]\\d?|100)$',
      title: 'a whole number from 1 to 100',
      description: 'How many at most, from 1 to 100; 50 if nothing is said.',
      examples: ['10'],
    }),
  ),
  cursor: opt(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description: '`next_cursor` of the page before. Of use to the same caller and for the same filter alone.',
    }),
  ),
};

export const listQuery = strict({
  status: opt(oneOf(['running', 'closed', 'all'], '`running` if nothing is said.')),
  ...page,
  scope: opt(oneOf(['own', 'all'], '`own` if nothing is said; `all` is for auditors.')),
  owner: opt(
    Type.String({
      minLength: 3,
      maxLength: 254,
      description: 'Whose, by e-mail address; for auditors. Not together with `scope`.',
      examples: ['alice@example.com'],
    }),
  ),
});

export const pageQuery = strict(page);

/** Node gives the names of headers in lower case; what else is sent is nobody's business here. */
export const createHeaders = Type.Object({
  'Idempotency-Key': opt(
    Type.String({
      maxLength: 255,
      // Spaces at either end would be lost on the way.
      pattern: '^[!-~](?:[ -~]*[!-~])?$',
      title: 'text of 1 to 255 printable ASCII characters',
      description: 'Names this request: sent again with the same key, it gives the same execution.',
      examples: ['deploy-42'],
    }),
  ),
});

const USUAL_LIMIT = 50;

export function pageOf({ limit, cursor }: { limit?: string; cursor?: string }): { limit: number; cursor?: string } {
  return { limit: limit === undefined ? USUAL_LIMIT : Number(limit), ...(cursor === undefined ? {} : { cursor }) };
}
