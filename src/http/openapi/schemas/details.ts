/** One execution, with all that is known of it. */
import { type Static, Type } from 'typebox';
import { request, summaryFields } from './execution.ts';
import { answer, count, listOf, named, oneOf, opt, person, ref, stage, text, time } from './parts.ts';

const event = answer(
  { event_type: text('As Temporal names it.', 'WorkflowExecutionStarted'), timestamp: time('When it happened') },
  'An event of the Temporal workflow.',
);

const vote = answer(
  {
    by: ref(person),
    choice: oneOf(['approve', 'deny', 'ratify'], 'What was decided.'),
    stage: count('Index of the stage.', 0),
    at: time('When it was given'),
    reason: opt(text('What the person gave as the reason.', 'The change is planned')),
  },
  'A vote that counts.',
);

const storyLine = answer(
  {
    at: time('When it happened'),
    kind: text('What happened, in one word.', 'requested'),
    text: text('The same in a sentence.', 'alice@example.com asked.'),
  },
  'A line of the audit.',
);

export const executionDetails = named(
  'ExecutionDetails',
  answer(
    {
      ...summaryFields,
      history: listOf(event, 'What Temporal has recorded, oldest first: the first 500 events.'),
      history_complete: Type.Boolean({ description: 'Whether `history` is all that there is.' }),
      requester: ref(person),
      beneficiary: ref(person),
      input: ref(request),
      stages: listOf(ref(stage), 'Who decides, stage by stage, as it was when the request was made.'),
      stage: opt(count('Index of the stage that is open.', 0)),
      deadline: opt(time('Until when the open stage can be decided')),
      active_until: opt(time('Until when the access lasts, while it does')),
      votes: listOf(vote, 'Votes so far, oldest first.'),
      story: listOf(storyLine, 'What happened, oldest first.'),
      viewer: oneOf(['requester', 'approver', 'auditor'], 'As what the caller may see it.'),
      tokens: opt(
        Type.Object(
          { release: text('Signal token that gives the access back early.', 'eyJhbGciOiJkaXIifQ..a.signal.token') },
          { description: 'For the owner, while the access is active.' },
        ),
      ),
    },
    'An execution with all that is known of it.',
  ),
);

export type ExecutionDetailsJson = Static<typeof executionDetails>;
