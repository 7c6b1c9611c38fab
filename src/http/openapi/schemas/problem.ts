/** What every refusal looks like: RFC 9457, with a code that programs can rely on. */
import { type Static, Type } from 'typebox';
import { problemCodes } from '../../problem/codes.ts';
import { answer, executionId, named, oneOf, opt, text } from './parts.ts';

const mistake = answer(
  {
    pointer: Type.String({
      description: 'JSON pointer into the body (RFC 6901), or `/` and the name of the parameter or header.',
      examples: ['/input/role'],
    }),
    message: text('What is wrong there.', 'This is needed'),
  },
  'One mistake.',
);

export const problem = named(
  'Problem',
  answer(
    {
      type: Type.Literal('about:blank'),
      title: text('What happened, in a sentence.', 'There is no such execution.'),
      status: Type.Integer({ minimum: 400, maximum: 599, description: 'The HTTP status.', examples: [404] }),
      code: oneOf(problemCodes, 'What happened, for programs. Never renamed.'),
      detail: text('What it means and what to do.', 'It does not exist, or it is not yours to see.'),
      request_id: text(
        'Names this request in the log; also in `X-Request-Id`.',
        '6f1c0c0e-3a51-4a57-9c1d-0c5f0e0b8a11',
      ),
      reason: opt(text('Narrows `not_allowed` and `unauthenticated`.', 'self_approval')),
      errors: opt(Type.Array(mistake, { description: 'With `invalid_input`: every mistake.' })),
      workflow_id: opt(executionId),
    },
    'Why it was not done (RFC 9457).',
  ),
);

export type ProblemJson = Static<typeof problem>;
export type Mistake = Static<typeof mistake>;
