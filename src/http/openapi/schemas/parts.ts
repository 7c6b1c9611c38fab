/** What schemas are made of. One schema types what it describes, checks it, writes it and documents it. */
import { type Static, type TObject, type TProperties, type TSchema, Type } from 'typebox';

export const opt = Type.Optional;

/** An answer's object. Fields may be added to it in later versions, so readers must not mind what they do not know. */
export const answer = <P extends TProperties>(properties: P, description: string) =>
  Type.Object(properties, { description });

/** What is sent to us: nothing but these fields. */
export const strict = <P extends TProperties>(
  properties: P,
  options: { description?: string; examples?: unknown[] } = {},
) => Type.Object(properties, { ...options, additionalProperties: false });

/** A schema with a name of its own in the OpenAPI document. */
export const named = <P extends TProperties>(name: string, schema: TObject<P>) => ({ ...schema, $id: name });

/** @param schema one that is `named` */
export const ref = <S extends TSchema>(schema: S & { $id: string }) =>
  Type.Unsafe<Static<S>>({ $ref: `${schema.$id}#` });

export const text = (description: string, ...examples: string[]) => Type.String({ description, examples });

export const count = (description: string, example: number) =>
  Type.Integer({ minimum: 0, description, examples: [example] });

export const oneOf = <const V extends string>(values: readonly V[], description: string) =>
  Type.Unsafe<V>({ type: 'string', enum: values, description, examples: [values[0]] });

export const listOf = <S extends TSchema>(items: S, description: string) => Type.Array(items, { description });

export const time = (description: string) =>
  Type.String({ format: 'date-time', description: `${description} (RFC 3339, UTC)`, examples: [at] });

export const duration = (description: string, example: string) =>
  Type.String({
    pattern: '^P(?=\\d|T\\d)(?:\\d+D)?(?:T(?:\\d+H)?(?:\\d+M)?(?:\\d+S)?)?$',
    description: `${description} (ISO 8601)`,
    examples: [example],
  });

/** Of every list that comes page by page. */
export const pageFields = {
  next_cursor: opt(text('Leads to the next page; absent on the last.', 'c1')),
  stale: opt(Type.Literal(true, { description: 'Temporal does not answer, so the newest changes may be missing.' })),
};

const at = '2024-01-15T10:30:00Z';
export const exampleId = 'wf_0123456789abcdefghjkmnpqrs';
const idPattern = '^wf_[0-9a-z]{26}$';

export const executionId = Type.String({
  pattern: idPattern,
  description: 'Names the execution: `wf_` and 26 characters.',
  examples: [exampleId],
});

export const person = named(
  'Person',
  answer(
    {
      id: text('The company e-mail address, in lower case.', 'alice@example.com'),
      name: text('As the identity provider or the chat shows it.', 'Alice'),
    },
    'A person who is known here.',
  ),
);

export const approvers = named(
  'Approvers',
  answer(
    {
      users: listOf(text('Whose.', 'bob@example.com'), 'People by e-mail address.'),
      groups: listOf(text('Its name.', 'sre'), 'Groups by the name that the configuration gives them.'),
    },
    'Who may decide.',
  ),
);

export const stage = named(
  'Stage',
  answer(
    {
      name: text('What it is called.', 'on-call'),
      quorum: count('How many different people have to approve.', 1),
      approvers: ref(approvers),
    },
    'One of the stages that an execution is approved in, one after the other.',
  ),
);
