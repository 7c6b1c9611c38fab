/** Bodies as JSON, read strictly: UTF-8, no field twice, none that would reach a prototype. */
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Takes bodies of this content type, for the routes of this instance alone. */
export function takeJson(fastify: FastifyInstance, type: string): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser(type, { parseAs: 'buffer' }, (request, bytes, done) => {
    const text = decode(bytes as Buffer);
    // The parser refuses what is no JSON, and says so in the words of the framework.
    const isClear = text !== undefined && !namesTwice(text);
    void parse(request, isClear ? text : '?', done);
  });
}

/** A body of no length has no type, whatever the client says by habit. */
export async function forgetTypeOfNothing({ headers }: FastifyRequest): Promise<void> {
  const isEmpty = headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
  if (isEmpty) delete headers['content-type'];
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** `JSON.parse` keeps the last of two fields with one name and drops the other without a word. */
function namesTwice(text: string): boolean {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return false;
  }
  return fieldsWritten(text) !== fieldsIn(parsed);
}

function fieldsWritten(text: string): number {
  return [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon !== undefined).length;
}

function fieldsIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value).reduce((total: number, each) => total + fieldsIn(each), 0);
  return Array.isArray(value) ? inner : inner + Object.keys(value).length;
}
