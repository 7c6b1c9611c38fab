/** Sending a signal: a decision or a release by token, or the owner's own event. */
import type { FastifyRequest } from 'fastify';
import { ElevateError } from '../../core/errors.ts';
import type { Taking } from '../../core/executions.ts';
import type { Api, ApiDeps } from '../api.ts';
import type { Bearer } from '../auth.ts';
import { callerOf } from './bearer.ts';
import { byGetNote, changingCodes, changingGet, where, withBodyCodes } from './changing.ts';
import { takeJson } from './json-body.ts';
import { noQuery } from './query.ts';
import { answers, success } from '../openapi/responses.ts';
import {
  type OwnEvent,
  ownEvent,
  type SignalBody,
  signalBody,
  signalled,
  signalQuery,
} from '../openapi/schemas/signal.ts';

const url = '/execution/:id/signal';

export function signalRoutes(api: Api, { executions, config }: ApiDeps): void {
  takeJson(api, 'application/cloudevents+json');

  api.get(url, { schema: byGet, ...changingGet }, async (request) =>
    send(request, request.params.id, byToken(request, request.params.id, request.query)),
  );

  api.post(url, { schema: byPost }, async (request) => {
    const { id } = request.params;
    // Without a type of content nothing is checked, and there is no body.
    const body = request.body as SignalBody | OwnEvent | undefined;
    if (body === undefined) throw invalid('', 'This is needed');
    return send(request, id, 'input' in body ? byToken(request, id, body) : byOwner(id, body));
  });

  async function send(request: FastifyRequest, id: string, taking: Taking) {
    await executions.signal(callerOf(request).actor, taking);
    return { message: 'Signal sent successfully', workflow_id: id };
  }

  function byToken(request: FastifyRequest, execution: string, { input, reason }: SignalBody): Taking {
    const cannotDecide = whyNoDecision(callerOf(request).bearer, config.decideScope);
    return {
      token: input,
      execution,
      ...(reason === undefined ? {} : { reason }),
      ...(cannotDecide === undefined ? {} : { cannotDecide }),
    };
  }
}

/** Deciding needs a person, and the scope for it (T18). What a token is for is not known here, so the core is told. */
function whyNoDecision({ isPerson, scopes }: Bearer, decideScope: string | undefined) {
  if (!isPerson) return 'person_required';
  return decideScope === undefined || scopes.includes(decideScope) ? undefined : 'scope_required';
}

/** @throws `invalid_input` for an event about something else */
function byOwner(execution: string, { id, subject }: OwnEvent): Taking {
  if (subject === undefined || subject === execution) return { execution, what: 'release', delivery: id };
  throw invalid('/subject', 'This is not the execution of the address');
}

function invalid(pointer: string, message: string): ElevateError {
  return new ElevateError('invalid_input', 'The body does not fit.', { details: { problems: [{ pointer, message }] } });
}

const signalCodes = ['token_invalid', 'token_expired'] as const;

const byPost = {
  ...where,
  operationId: 'signalExecution',
  summary: 'Decide, or give access back',
  description:
    'With a token: of a decision for approvers, of a release for the owner. The owner may also send an event of their own.',
  querystring: noQuery,
  body: {
    content: {
      'application/json': { schema: signalBody },
      'application/cloudevents+json': { schema: ownEvent },
    },
  },
  response: answers({ 200: success(signalled) }, [...withBodyCodes, ...signalCodes]),
};

const byGet = {
  ...where,
  operationId: 'signalExecutionByGet',
  summary: 'Decide, or give access back, as documented',
  description: `${byGetNote} Tokens in addresses end up in the logs of others: prefer POST.`,
  querystring: signalQuery,
  response: answers({ 200: success(signalled) }, [...changingCodes, ...signalCodes]),
};
