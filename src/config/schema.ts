/**
 * elevate.yaml as people write it. One schema: it types the document, judges it, and helps editors. Nothing
 * unknown is let through, so that no misspelt rule is silently without effect.
 *
 * `description` is read by people twice: in editors, and after "must be" where a value does not fit.
 */
import { type Static, type TProperties, type TSchema, Type } from 'typebox';
import { namePattern } from './names.ts';
import { storePattern } from './store-url.ts';

/** What is taken where the file says nothing; durations as text. */
export const defaults = {
  host: '127.0.0.1',
  port: 8080,
  taskQueue: 'elevate',
  store: 'sqlite:./elevate.db',
  apiUrl: 'https://slack.com/api/',
  // Of the public cloud, as in the constants of the Bot Framework SDK.
  teamsEndpoints: {
    login_url: 'https://login.microsoftonline.com/botframework.com',
    oauth_scope: 'https://api.botframework.com',
    token_issuer: 'https://api.botframework.com',
    oauth_url: 'https://api.botframework.com',
    openid_metadata_url: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
    emulator_openid_metadata_url: 'https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration',
    caller_id: 'urn:botframework:azure',
  },
  // Of the public cloud, then of GCC, GCC High and DoD.
  serviceHosts: [
    'smba.trafficmanager.net',
    '*.botframework.com',
    'smba.infra.gcc.teams.microsoft.com',
    'smba.infra.gov.teams.microsoft.us',
    'smba.infra.dod.teams.microsoft.us',
  ],
  serviceUrl: 'https://smba.trafficmanager.net/teams/',
  tokenTypes: ['at+jwt'],
  principalClaim: 'email',
  groupsClaim: 'groups',
  openPerPerson: 5,
  perHour: 20,
  timeout: '10s',
  risk: 'normal',
  reasonMin: 5,
  duration: '1h',
  maxDuration: '4h',
  quorum: 1,
  within: '24h',
  dm: 'all',
} as const;

/** Files beside the one that was named. */
export const maxIncludes = 50;

const section = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: false });
const opt = Type.Optional;

const map = <S extends TSchema>(pattern: string, value: S, description: string) =>
  Type.Record(Type.String({ pattern }), value, { additionalProperties: false, description });

const text = (description: string, maxLength: number) => Type.String({ description, minLength: 1, maxLength });
const matching = (description: string, pattern: string) => Type.String({ description, pattern });
const oneOf = <const V extends string>(...values: V[]) =>
  Type.Unsafe<V>({ type: 'string', enum: values, description: values.join(', ').replace(/, ([^,]*)$/, ' or $1') });
const whole = (minimum: number, maximum: number) =>
  Type.Integer({ minimum, maximum, description: `a whole number from ${minimum} to ${maximum}` });
const listOf = <S extends TSchema>(items: S, options: { minItems?: number; maxItems?: number } = {}) =>
  Type.Array(items, { ...options, uniqueItems: true });

export const durationFormat = 'elevate-duration';
const duration = Type.String({
  description: 'a length of time such as 4h, 1h30m, 90 min or PT4H',
  format: durationFormat,
});

export const guidPattern = '^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$';

const groupPattern = '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$';
const groupName = matching('the name of a group', groupPattern);
const name = matching('a name of lower-case letters, digits and hyphens', namePattern);
// What an e-mail may look like is judged later, together with its domain (T4).
const email = text('an e-mail address', 254);
const url = text('a URL', 2000);
// Standard Webhooks: base64 of 24 bytes or more. Anything else would fail at the first call, not here.
const secret = matching(
  'whsec_ and 24 to 64 bytes in base64',
  '^(?:whsec_)?(?:[A-Za-z0-9+/]{4}){7,21}(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$',
);

const approvers = section({ users: opt(listOf(email)), groups: opt(listOf(groupName)) });

const group = Type.Union(
  [
    listOf(email),
    section({
      users: opt(listOf(email)),
      slack_usergroup: opt(matching('the id of a Slack user group, S and capitals or digits', '^S[A-Z0-9]{1,30}$')),
    }),
  ],
  { description: 'a list of e-mails, or { users, slack_usergroup }' },
);

const provider = Type.Union(
  [
    section({ type: Type.Literal('log') }),
    section({
      type: Type.Literal('webhook'),
      url,
      secret: Type.Union([secret, listOf(secret, { minItems: 1, maxItems: 2 })], {
        description: 'a secret, or a list of two while it is being changed, the newer first',
      }),
      inspects: opt(Type.Boolean()),
      timeout: opt(duration),
    }),
  ],
  { description: 'a provider of type log or webhook' },
);

const stage = section({
  name: opt(text('a name of at most 60 characters', 60)),
  approvers,
  quorum: opt(whole(1, 20)),
  ask: opt(
    section({
      slack: opt(
        listOf(matching('the id of a Slack channel, C or G and capitals or digits', '^[CG][A-Z0-9]{1,30}$'), {
          maxItems: 10,
        }),
      ),
      teams: opt(
        listOf(
          matching(
            'the id of a Teams channel or group chat, such as 19:abc@thread.tacv2, without ;messageid=',
            '^19:[A-Za-z0-9_.-]{1,200}@thread[.](?:tacv2|v2|skype)$',
          ),
          { maxItems: 10 },
        ),
      ),
      dm: opt(oneOf('all', 'none')),
    }),
  ),
  within: opt(duration),
});

const role = section({
  title: opt(text('a title of at most 75 characters', 75)),
  providers: listOf(name, { minItems: 1 }),
  risk: opt(oneOf('low', 'normal', 'high')),
  how_to: opt(text('a text of at most 1000 characters', 1000)),
  request: opt(section({ groups: listOf(groupName, { minItems: 1 }) })),
  reason: opt(
    section({
      required: opt(Type.Boolean()),
      min: opt(whole(1, 200)),
      pattern: opt(text('a regular expression', 200)),
      hint: opt(text('a text of at most 150 characters', 150)),
    }),
  ),
  duration: opt(section({ default: opt(duration), max: opt(duration) })),
  approval: Type.Array(stage, { minItems: 1, maxItems: 10 }),
  self_approval: opt(Type.Boolean()),
});

const workflow = section({
  title: text('a title of at most 75 characters', 75),
  enabled: opt(Type.Boolean()),
  performs: Type.Literal('access', { description: 'access' }),
  input: opt(Type.Record(Type.String(), Type.Unknown(), { description: 'a JSON Schema' })),
});

const slack = section({
  mode: opt(Type.Literal('http', { description: 'http' })),
  workspaces: listOf(matching('the id of a Slack workspace, T and capitals or digits', '^T[A-Z0-9]{1,30}$'), {
    minItems: 1,
  }),
  signing_secret: Type.String({ description: 'the signing secret of the Slack app', minLength: 8, maxLength: 200 }),
  bot_token: text('the bot token of the Slack app', 500),
  api_url: opt(url),
});

const guid = (what: string) => matching(`${what}, 32 hex digits with hyphens`, guidPattern);

const teams = section({
  tenants: listOf(guid('the id of an Entra tenant'), { minItems: 1 }),
  app_id: guid('the application id of the bot'),
  // The Bot Framework would take whoever says nothing for a bot of many tenants.
  app_type: oneOf('SingleTenant', 'UserAssignedMsi'),
  app_password: opt(text('the client secret of the bot', 500)),
  endpoints: opt(
    Type.Object(
      {
        login_url: url,
        oauth_scope: url,
        token_issuer: url,
        oauth_url: url,
        openid_metadata_url: url,
        emulator_openid_metadata_url: url,
        caller_id: matching('a name without spaces', '^[!-~]{1,200}$'),
      },
      { additionalProperties: false, description: 'all seven endpoints, or left out for the public cloud' },
    ),
  ),
  service_hosts: opt(
    listOf(
      matching(
        'a host name, or *. and a domain of two parts or more',
        '^(?:[*][.](?:[A-Za-z0-9-]{1,63}[.])+[A-Za-z0-9-]{2,63}|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)$',
      ),
      { minItems: 1, maxItems: 20 },
    ),
  ),
  service_url: opt(url),
  targeted_messages: opt(Type.Boolean()),
});

const api = section({
  issuer: url,
  audience: text('an audience of at most 500 characters', 500),
  token_types: opt(listOf(matching('at+jwt or jwt', '^(?:[Aa][Tt][+])?[Jj][Ww][Tt]$'), { minItems: 1 })),
  principal_claim: opt(text('the name of a claim', 200)),
  groups_claim: opt(text('the name of a claim', 200)),
  email_trusted: opt(Type.Boolean()),
  // RFC 6749, 3.3.
  decide_scope: opt(matching('a scope, without spaces and quotes', '^[!#-\\[\\]-~]{1,200}$')),
  client_id: opt(matching('the id of a client', '^[!-~]{1,200}$')),
});

const names = 'named with lower-case letters, digits and hyphens, 63 at most';

export const documentSchema = section({
  include: opt(listOf(text('a path', 1000), { maxItems: maxIncludes })),
  server: opt(
    section({
      host: opt(matching('a host name or an IP address', '^[A-Za-z0-9.:-]{1,255}$')),
      port: opt(
        Type.Union([whole(0, 65_535), matching('a port number', '^[0-9]{1,5}$')], {
          description: 'a port number from 0 to 65535',
        }),
      ),
      public_url: opt(url),
    }),
  ),
  temporal: opt(
    section({
      task_queue: opt(matching('a name of letters, digits, dots, hyphens', '^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$')),
    }),
  ),
  store: opt(matching('sqlite: and a path, or a URL that begins with postgres://', storePattern)),
  keys: text('one or more keys, separated by commas', 2000),
  slack: opt(slack),
  teams: opt(teams),
  api: opt(api),
  operators: opt(approvers),
  auditors: opt(approvers),
  identity: section({
    domains: listOf(matching('a domain such as example.com', '^(?:[A-Za-z0-9-]{1,63}\\.)+[A-Za-z0-9-]{2,63}$'), {
      minItems: 1,
    }),
    one_directory: opt(Type.Boolean()),
    aliases: opt(Type.Array(Type.Array(email, { minItems: 2 }))),
    links: opt(
      map(
        '^(?:[a-z]+:[A-Za-z0-9_-]{1,64}/[A-Za-z0-9_-]{1,64}|api:https?://[!-~]{1,2300})$',
        email,
        'named platform:tenant/user, such as slack:T01ACME/U02BOB, teams:TENANT/OBJECT or api:https://id.example.com/SUBJECT',
      ),
    ),
  }),
  limits: opt(section({ open_per_person: opt(whole(1, 1000)), per_hour: opt(whole(1, 10_000)) })),
  groups: opt(map(groupPattern, group, 'named with letters, digits, dots, underscores and hyphens, 128 at most')),
  providers: map(namePattern, provider, names),
  roles: Type.Record(Type.String({ pattern: namePattern }), role, {
    additionalProperties: false,
    minProperties: 1,
    description: names,
  }),
  workflows: opt(map(namePattern, workflow, names)),
});

export type ConfigDocument = Static<typeof documentSchema>;
export type RoleDocument = ConfigDocument['roles'][string];
export type StageDocument = RoleDocument['approval'][number];
export type TeamsDocument = NonNullable<ConfigDocument['teams']>;
export type GroupDocument = NonNullable<ConfigDocument['groups']>[string];
export type ProviderDocument = ConfigDocument['providers'][string];
