/** What is answered without a token. */
import { Type } from 'typebox';
import { answer, listOf, named, opt, text } from './parts.ts';

export const alive = named('Alive', answer({ ok: Type.Literal(true) }, 'The server lives.'));

export const readiness = named(
  'Readiness',
  answer(
    {
      ok: Type.Boolean({ description: 'Whether everything that is needed answers.' }),
      checks: Type.Record(Type.String(), Type.String(), {
        description: 'Each part by name: `ok`, or what is wrong.',
        examples: [{ store: 'ok', temporal: 'ok', worker: 'ok' }],
      }),
    },
    'Whether the server can do its work.',
  ),
);

/** Protected resource metadata (RFC 9728). */
export const protectedResource = named(
  'ProtectedResource',
  answer(
    {
      resource: text('This server.', 'https://elevate.example.com'),
      authorization_servers: listOf(text('Its address.', 'https://id.example.com'), 'Issuers whose tokens are taken.'),
      scopes_supported: opt(listOf(text('Its name.', 'elevate.decide'), 'Scopes that make a difference.')),
      bearer_methods_supported: listOf(Type.Literal('header'), 'Tokens are taken from the header alone.'),
      elevate_client_id: opt(text('The public client that the command line signs in with.', 'elevate-cli')),
    },
    'Where tokens for this server come from.',
  ),
);
