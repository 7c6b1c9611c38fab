/** The answers of an operation, as they are written and documented. */
import type { TSchema } from 'typebox';
import { kinds, type ProblemCode } from '../problem/codes.ts';
import { exampleOf } from './examples.ts';
import { allSchemas } from './schemas/all.ts';
import { ref } from './schemas/parts.ts';
import { problem } from './schemas/problem.ts';

interface Answer {
  description: string;
  headers?: Record<string, { type: string; description: string }>;
  content: Record<string, { schema: TSchema; example?: unknown }>;
}

type NamedSchema = TSchema & { $id: string; description?: string };

const byName: ReadonlyMap<string, TSchema> = new Map(allSchemas.map((schema) => [schema.$id, schema]));

export function success(schema: NamedSchema, more: Partial<Pick<Answer, 'description' | 'headers'>> = {}): Answer {
  const content = { 'application/json': { schema: ref(schema), example: exampleOf(schema, byName) } };
  return { description: schema.description ?? '', ...more, content };
}

/** What any call can be answered with that needs a token and says what it asks for in its address. */
const usual: readonly ProblemCode[] = [
  'invalid_input',
  'unauthenticated',
  'unknown_identity',
  'not_allowed',
  'internal',
  'unavailable',
];

/** Answers of a call that needs a token. @param codes what can go wrong beside the usual */
export function answers(successes: Record<number, Answer>, codes: readonly ProblemCode[] = []): Record<string, Answer> {
  return { ...successes, ...problems([...usual, ...codes]) };
}

function problems(codes: readonly ProblemCode[]): Record<string, Answer> {
  const statuses = new Set(codes.map((code) => kinds[code].status));
  return Object.fromEntries(
    [...statuses].map((status) => [
      status,
      problemAnswer(
        status,
        codes.filter((code) => kinds[code].status === status),
      ),
    ]),
  );
}

function problemAnswer(status: number, codes: readonly ProblemCode[]): Answer {
  const told = codes.map((code) => `\`${code}\`: ${kinds[code].title}`);
  return {
    description: told.join(' '),
    ...(headers[status] === undefined ? {} : { headers: headers[status] }),
    content: { 'application/problem+json': { schema: ref(problem) } },
  };
}

const challenge = { type: 'string', description: 'How to get in (RFC 6750, RFC 9728).' };
const retry = { type: 'string', description: 'Seconds to wait.' };

const headers: Record<number, Answer['headers']> = {
  400: { 'WWW-Authenticate': { ...challenge, description: 'With a malformed `Authorization` header (RFC 6750).' } },
  401: { 'WWW-Authenticate': challenge },
  403: { 'WWW-Authenticate': { ...challenge, description: 'With the scope that is missing (RFC 6750).' } },
  429: { 'Retry-After': retry },
  503: { 'Retry-After': retry },
};
