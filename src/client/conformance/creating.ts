/** `POST /execution` and `GET /executions`, as the page has them. */
import { at, isObject, items } from '../reading.ts';
import type { Came } from './calling.ts';
import { fieldRows, isText, runningFields } from './fields.ts';
import type { Row } from './rows.ts';
import { isForbidden, isRefusedAsBad, isSignInAsked, isSuccess, once } from './rows.ts';
import { inList, type Scene } from './scene.ts';

const post = 'POST /execution';
const list = 'GET /executions';

/** @param created what the first creation was answered with */
export function creatingRows({ create, options }: Scene, created: Came): Row[] {
  const { token, wish, disabledWorkflow } = options;
  const look = async () => created;
  const trying = (workflow: unknown, input?: object) => () =>
    create({ workflow, ...(input === undefined ? {} : { input }) }, token);
  const row = (says: string, tried: Row['look'], fits: Row['fits'], needs?: string): Row => {
    return { call: post, says, needs, look: tried, fits };
  };
  const isAbsent = (came: Came) => isForbidden(came) || isRefusedAsBad(came);
  return [
    row('answers with success', look, isSuccess),
    ...fieldRows(
      post,
      [
        { name: 'workflow_id', says: 'an id', fits: isText },
        { name: 'run_id', says: 'an id', fits: isText },
        { name: 'status', says: '"running"', fits: (value) => value === 'running' },
      ],
      { needs: undefined, look },
    ),
    row('requires authentication', () => create(wish), isSignInAsked),
    row('takes no made-up token', () => create(wish, 'made-up'), isSignInAsked),
    row('workflow must exist', trying('no-such-workflow', wish.input), isAbsent),
    row(
      'workflow must be enabled',
      trying(disabledWorkflow, wish.input),
      isAbsent,
      disabledWorkflow === undefined ? '--disabled-workflow' : undefined,
    ),
    row(
      'input is validated: a role that is a number',
      trying(wish.workflow, { ...wish.input, role: 1 }),
      isRefusedAsBad,
    ),
    row('input is validated: no input', trying(wish.workflow), isRefusedAsBad),
  ];
}

export function listingRows(scene: Scene, id: string | undefined, needs: string | undefined): Row[] {
  const { send, options, eventually } = scene;
  const { token, otherToken } = options;
  const inThis = (came: Came) => inList(came, id ?? '');
  const isListed = (came: Came) => came.status === 200 && inThis(came) !== undefined;
  const whole = once(() => eventually(() => send('GET', '/executions', { token }), isListed));
  const mine = async (): Promise<Came> => ({ ...(await whole()), json: inThis(await whole()) });
  const row = (says: string, look: Row['look'], fits: Row['fits'], missing = needs): Row => {
    return { call: list, says, needs: missing, look, fits };
  };
  return [
    row('answers with { "executions": […] }', whole, isList),
    row('has the running execution', whole, isListed),
    ...fieldRows(list, runningFields, { needs, look: mine }),
    row(
      'all are running',
      whole,
      (came) => isListed(came) && valuesOf(came, 'status').every((value) => value === 'running'),
    ),
    row(
      'all are of the authenticated user',
      whole,
      (came) => isListed(came) && new Set(valuesOf(came, 'user')).size === 1,
    ),
    row('requires authentication', () => send('GET', '/executions', {}), isSignInAsked, undefined),
    row(
      "another person's list does not have it",
      () => send('GET', '/executions', { token: otherToken }),
      (came) => isList(came) && !isListed(came),
      needs ?? (otherToken === undefined ? '--other-token' : undefined),
    ),
  ];
}

function isList({ status, json }: Came): boolean {
  return status === 200 && isObject(json) && Array.isArray(at(json, 'executions'));
}

function valuesOf({ json }: Came, field: string): unknown[] {
  return items(json, 'executions').map((row) => at(row, field));
}
