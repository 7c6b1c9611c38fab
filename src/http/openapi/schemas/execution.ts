/** Executions: what is asked for, what is answered, and the shape of both. */
import { type Static, Type } from 'typebox';
import { accessInput } from '../../../core/access-input.ts';
import {
  answer,
  duration,
  executionId,
  listOf,
  named,
  oneOf,
  opt,
  pageFields,
  ref,
  strict,
  text,
  time,
} from './parts.ts';

const status = oneOf(
  ['running', 'completed', 'failed', 'canceled', 'terminated'],
  'Where the execution stands, as Temporal says it.',
);
const runExample = '0198a7c2-5d1e-7c3a-9f6b-2e8d4c1a7b90';

export const summaryFields = {
  workflow_id: executionId,
  run_id: text('Names the run of the Temporal workflow.', runExample),
  status,
  start_time: time('When it was asked for'),
  execution_time: duration('From the start to now, or to the end', 'PT5M'),
  task_queue: text('Where the Temporal workflow runs.', 'elevate'),
  user: text('The owner: who asked for it.', 'alice@example.com'),
  workflow_type: Type.Object({ name: Type.Literal('ElevateWorkflow') }, { description: 'Of the Temporal workflow.' }),
  workflow: text('The workflow of the catalog.', 'default'),
  about: text('What is asked for, in words.', 'admin on aws-prod'),
  state: oneOf(['awaiting_approval', 'starting', 'active', 'ending', 'closed'], 'Where the request stands.'),
  outcome: opt(
    oneOf(
      ['completed', 'denied', 'expired', 'changed', 'unratified', 'revoked', 'failed', 'withdrawn', 'terminated'],
      'What became of it, once that is known.',
    ),
  ),
  end_time: opt(time('When it was over, once it is')),
};

export const execution = named('Execution', answer(summaryFields, 'An execution, as lists show it.'));

export const request = named(
  'AccessRequest',
  answer(
    {
      role: text('The role.', 'admin'),
      provider: text('The system that the role is on.', 'aws-prod'),
      duration: duration('How long the access lasts', 'PT1H'),
      reason: text('Why, in the words of the requester.', 'Emergency maintenance'),
    },
    'What is asked for.',
  ),
);

export const executionList = named(
  'ExecutionList',
  answer({ executions: listOf(ref(execution), 'Newest first.'), ...pageFields }, 'A page of executions.'),
);

export const created = named(
  'ExecutionCreated',
  answer(
    { workflow_id: executionId, run_id: summaryFields.run_id, status },
    'The execution that was created, or that was there for the same request.',
  ),
);

export const newExecution = strict(
  {
    workflow: Type.String({ minLength: 1, maxLength: 63, description: 'The workflow of the catalog.' }),
    input: accessInput,
  },
  {
    examples: [
      {
        workflow: 'default',
        input: { role: 'admin', provider: 'aws-prod', duration: 'PT1H', reason: 'Emergency maintenance' },
      },
    ],
  },
);

export type ExecutionJson = Static<typeof execution>;
export type AccessRequestJson = Static<typeof request>;
export type CreatedJson = Static<typeof created>;
