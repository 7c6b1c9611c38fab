/** Signals, and the ends that an owner asks for. */
import { type Static, Type } from 'typebox';
import { answer, exampleId, executionId, named, opt, strict } from './parts.ts';

const token = Type.String({
  minLength: 1,
  description: 'The signal token of a decision or of a release: an encrypted CloudEvent.',
  examples: ['eyJhbGciOiJkaXIifQ..a.signal.token'],
});
const reason = Type.String({
  maxLength: 500,
  description: 'Goes with a decision into the record.',
  examples: ['The change is planned'],
});

export const signalQuery = strict({ input: token, reason: opt(reason) });
export const signalBody = strict(
  { input: token, reason: opt(reason) },
  { examples: [{ input: 'eyJhbGciOiJkaXIifQ..a.signal.token', reason: 'The change is planned' }] },
);

const printable = (maxLength: number) => ({
  minLength: 1,
  maxLength,
  pattern: '^[ -~]*$',
  title: `text of 1 to ${maxLength} printable ASCII characters`,
});

/** A structured CloudEvent 1.0 of the owner's own making. Its id is the delivery: the same one again counts once. */
export const ownEvent = strict(
  {
    specversion: Type.Literal('1.0'),
    id: Type.String({
      ...printable(255),
      description: 'Names this event; sent again, it counts once.',
      examples: ['done-42'],
    }),
    source: Type.String({
      ...printable(2000),
      description: 'Where it comes from; a URI reference.',
      examples: ['my-laptop'],
    }),
    type: Type.Literal('io.elevate.release.v1', { description: 'The access is given back early.' }),
    subject: opt(Type.String({ description: 'The id of the execution, as in the address.', examples: [exampleId] })),
    time: opt(Type.String({ format: 'date-time', examples: ['2024-01-15T10:30:00Z'] })),
    datacontenttype: opt(Type.Literal('application/json')),
    data: opt(strict({}, { description: 'Nothing.' })),
  },
  {
    description: 'Structured CloudEvent of the owner, without a token.',
    examples: [{ specversion: '1.0', id: 'done-42', source: 'my-laptop', type: 'io.elevate.release.v1' }],
  },
);

export const signalled = named(
  'Signalled',
  answer({ message: Type.Literal('Signal sent successfully'), workflow_id: executionId }, 'The signal is recorded.'),
);

const endAsked = <const M extends string>(message: M) =>
  answer({ status: Type.Literal('ok'), message: Type.Literal(message) }, 'It is recorded.');

export const cancelSent = named('CancelSent', endAsked('Workflow cancellation signal sent'));
export const terminateSent = named('TerminateSent', endAsked('Workflow termination signal sent'));

export type SignalBody = Static<typeof signalBody>;
export type OwnEvent = Static<typeof ownEvent>;
