/** What a request for access may say. */
import { type Static, Type } from 'typebox';

/** A reason longer than this fits no card, and no card means no approval (T29). */
const REASON_MAX = 2_000;

/** One schema for every way in; it also documents the API. Nothing is coerced and nothing is dropped. */
export const accessInput = Type.Object(
  {
    role: Type.String({ minLength: 1, maxLength: 63, description: 'See `GET /roles`.', examples: ['admin'] }),
    provider: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 63,
        description: 'Where; needed if the role is on several.',
        examples: ['aws-prod'],
      }),
    ),
    duration: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 40,
        description: 'How long: `PT1H30M` (ISO 8601), `1h30m` or `90 min`. Without it, what is usual for the role.',
        examples: ['PT1H'],
      }),
    ),
    reason: Type.Optional(
      Type.String({
        maxLength: REASON_MAX,
        description: 'Approvers decide by it.',
        examples: ['Emergency maintenance'],
      }),
    ),
  },
  { description: 'What is asked for.', additionalProperties: false },
);

export type AccessInput = Static<typeof accessInput>;
export const accessFields = Object.keys(accessInput.properties) as (keyof AccessInput)[];
