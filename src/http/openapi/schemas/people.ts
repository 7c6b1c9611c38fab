/** What concerns the caller: what waits for them, what they may ask for, who they are, what they operate. */
import { type Static, Type } from 'typebox';
import { request } from './execution.ts';
import {
  answer,
  count,
  duration,
  executionId,
  listOf,
  named,
  oneOf,
  opt,
  pageFields,
  person,
  ref,
  stage,
  text,
  time,
} from './parts.ts';

export const approval = named(
  'Approval',
  answer(
    {
      workflow_id: executionId,
      workflow: text('The workflow of the catalog.', 'default'),
      stage: text('The stage that is open.', 'on-call'),
      requester: ref(person),
      input: ref(request),
      about: text('What is asked for, in words.', 'admin on aws-prod'),
      asked_at: time('When the stage was opened'),
      expires_at: time('Until when it can be decided'),
      tokens: answer(
        {
          approve: text('Signal token of an approval.', 'eyJhbGciOiJkaXIifQ..a.signal.token'),
          deny: text('Signal token of a denial.', 'eyJhbGciOiJkaXIifQ..a.signal.token'),
        },
        'Offers for `signal`: what may be decided, not by whom.',
      ),
    },
    'What waits for the decision of the caller.',
  ),
);

export const approvalList = named(
  'ApprovalList',
  answer({ approvals: listOf(ref(approval), 'Newest first.'), ...pageFields }, 'A page of what waits for the caller.'),
);

export const role = named(
  'Role',
  answer(
    {
      name: text('What `input.role` says.', 'admin'),
      title: text('For people.', 'Production administrator'),
      providers: listOf(text('Its name.', 'aws-prod'), 'Systems that it can be had on: what `input.provider` says.'),
      risk: oneOf(['low', 'normal', 'high'], 'How much care it takes.'),
      duration: answer(
        { default: duration('How long, if nothing is said', 'PT1H'), max: duration('How long at most', 'PT4H') },
        'How long the access lasts.',
      ),
      reason: answer(
        {
          required: Type.Boolean({ description: 'Whether a reason is needed.' }),
          min: count('How many characters it has at least.', 5),
          pattern: opt(text('Regular expression that it fits.', '^INC-\\d+')),
          hint: opt(text('What it should say.', 'name the incident')),
        },
        'What the reason must look like.',
      ),
      approval: listOf(ref(stage), 'Who decides, stage by stage.'),
    },
    'A role that the caller may ask for.',
  ),
);

export const roleList = named(
  'RoleList',
  answer({ roles: listOf(ref(role), 'As configured.') }, 'What may be asked for.'),
);

export const whoAmI = named(
  'WhoAmI',
  answer(
    {
      principal: ref(person),
      actor: answer(
        {
          platform: text('Where the person is known from.', 'api'),
          tenant: text('The issuer.', 'https://id.example.com'),
          user: text('The subject.', '8f14e45f'),
        },
        'The account that the token belongs to.',
      ),
      linked: Type.Boolean({ description: 'Whether the account is linked to the person by an operator.' }),
      groups: listOf(text('Its name.', 'sre'), 'The configured groups that the person is in now.'),
    },
    'The caller, as Elevate knows them.',
  ),
);

export const rebuilding = named(
  'Rebuilding',
  answer(
    {
      status: oneOf(['running', 'completed', 'failed', 'none'], '`none`: there has been none yet.'),
      start_time: opt(time('When it began')),
      end_time: opt(time('When it ended')),
      looked: opt(count('How many executions were looked at so far.', 1200)),
      mended: opt(count('How many rows were added or corrected so far.', 3)),
    },
    'The rebuilding of the read model from Temporal.',
  ),
);

export type ApprovalJson = Static<typeof approval>;
export type RoleJson = Static<typeof role>;
export type WhoAmIJson = Static<typeof whoAmI>;
export type RebuildingJson = Static<typeof rebuilding>;
