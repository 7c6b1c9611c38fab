/** Whether a request to create an execution is sound. If it is not, everything that is wrong with it is told at once. */
import type { FastifyRequest } from 'fastify';
import { ElevateError, type Problem } from '../../core/errors.ts';
import { byPlace } from '../../core/problems.ts';
import type { ApiDeps } from '../api.ts';
import { mistakesIn } from '../problem/mistakes.ts';

/**
 * For a route that attaches what its schemas find; Fastify itself stops at the first part of a request that does not fit.
 * @throws `invalid_input`; before that `unknown_workflow`, `workflow_disabled`, if the body is one that names a workflow and an input
 */
export function requireSound(request: FastifyRequest, catalog: ApiDeps['catalog']): void {
  if (request.validationError === undefined) return;
  const { workflow, input } = (request.body ?? {}) as { workflow?: unknown; input?: unknown };
  const around = mistakesOf(request, 'body').filter(({ pointer }) => !pointer.startsWith('/input/'));
  if (around.length === 0) catalog.requireEnabled(String(workflow));
  const inside = input === undefined ? [] : catalog.problemsOf(workflow, input).map(ofBody);
  const beside = [...mistakesOf(request, 'querystring'), ...mistakesOf(request, 'headers')];
  throw invalid([...around, ...inside, ...beside]);
}

/** The core speaks of the input; the caller has sent it inside a body. */
export function asOfBody(error: unknown): never {
  if (!(error instanceof ElevateError) || error.details.problems === undefined) throw error;
  const { code, message, cause, details } = error;
  const problems = error.details.problems.map(ofBody);
  throw new ElevateError(code, message, { cause, details: { ...details, problems } });
}

function ofBody({ pointer, message }: Problem): Problem {
  return { pointer: `/input${pointer}`, message };
}

function mistakesOf(request: FastifyRequest, part: 'body' | 'querystring' | 'headers'): Problem[] {
  const fits = request.getValidationFunction(part);
  const value = { body: request.body, querystring: request.query, headers: request.headers }[part];
  return fits === undefined || fits(value) ? [] : mistakesIn(fits.errors ?? [], part);
}

function invalid(problems: Problem[]): ElevateError {
  return new ElevateError('invalid_input', 'The request does not fit.', { details: { problems: byPlace(problems) } });
}
