/** Calls to which nothing can be said. */
import type { FastifyRequest } from 'fastify';
import { ElevateError } from '../../core/errors.ts';

/** Nothing that is said is silently dropped. An empty object counts as nothing. @throws `invalid_input` */
export async function requireNoBody({ body }: FastifyRequest): Promise<void> {
  const isEmpty = typeof body === 'object' && body !== null && Object.keys(body).length === 0;
  if (body === undefined || (isEmpty && !Array.isArray(body))) return;
  const problems = [{ pointer: '', message: 'Nothing is taken here' }];
  throw new ElevateError('invalid_input', 'The body does not fit.', { details: { problems } });
}
