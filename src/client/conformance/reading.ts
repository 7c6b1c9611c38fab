/** `GET /execution/{id}`, as the page has it. */
import { at, items } from '../reading.ts';
import { type Came, shown } from './calling.ts';
import { fieldRows, isMoment, isText, runningFields } from './fields.ts';
import { isForbidden, isSignInAsked, isSuccess, once, type Row } from './rows.ts';
import { inList, pathOf, type Scene } from './scene.ts';

const call = 'GET /execution/{id}';
/** Of the form that ids have, and nobody's. */
const nobodys = 'wf_00000000000000000000000000';
const lasting = ['workflow_id', 'run_id', 'start_time', 'task_queue', 'user'];

export function readingRows(
  { send, options, secrets }: Scene,
  id: string | undefined,
  needs: string | undefined,
): Row[] {
  const { token } = options;
  const look = once(() => send('GET', pathOf(id ?? ''), { token }));
  const history = (came: Came) => items(came.json, 'history');
  const row = (says: string, fits: Row['fits'], extra: Partial<Row> = {}): Row => {
    return { call, says, needs, look, fits, ...extra };
  };
  return [
    ...fieldRows(call, runningFields, { needs, look }),
    row('workflow_id: the one asked for', (came) => isSuccess(came) && at(came.json, 'workflow_id') === id, {
      field: 'workflow_id',
    }),
    row(
      'history: [{ event_type, timestamp }]',
      (came) =>
        history(came).length > 0 &&
        history(came).every((event) => isText(at(event, 'event_type')) && isMoment(at(event, 'timestamp'))),
      { field: 'history' },
    ),
    row(
      'history begins with WorkflowExecutionStarted',
      (came) => at(history(came)[0], 'event_type') === 'WorkflowExecutionStarted',
      { field: 'history' },
    ),
    row('says the same as the list', ({ json }) => json === 'same', {
      look: async () => compared(inList(await send('GET', '/executions', { token }), id ?? ''), await look(), secrets),
    }),
    row('requires authentication', isSignInAsked, { look: () => send('GET', pathOf(id ?? ''), {}) }),
    row('an id that nothing has is refused', isForbidden, {
      look: () => send('GET', pathOf(nobodys), { token }),
      needs: undefined,
    }),
  ];
}

/** Names the first field that the list has otherwise. */
function compared(listed: unknown, details: Came, secrets: ReadonlySet<string>): Came {
  const one = lasting.find((name) => at(listed, name) === undefined || at(listed, name) !== at(details.json, name));
  if (one === undefined) return { ...details, json: 'same', seen: 'the same' };
  const said = [at(listed, one), at(details.json, one)].map((value) => JSON.stringify(value) ?? 'nothing');
  return { ...details, json: one, seen: shown(`${one}: ${said.join(' listed, here ')}`, secrets) };
}
