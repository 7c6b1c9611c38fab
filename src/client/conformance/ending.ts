/** `GET /execution/{id}/cancel` and `…/terminate`, as the page has them. */
import { at } from '../reading.ts';
import type { Came } from './calling.ts';
import { isForbidden, isSignInAsked, isSuccess, once, type Row } from './rows.ts';
import { inList, pathOf, type Scene } from './scene.ts';

const messages = {
  cancel: 'Workflow cancellation signal sent',
  terminate: 'Workflow termination signal sent',
} as const;

/** In this order: who may not, then who may, then what became of it. */
export function endingRows(
  scene: Scene,
  how: keyof typeof messages,
  id: string | undefined,
  needs: string | undefined,
): Row[] {
  const { send, options, eventually } = scene;
  const { token, otherToken } = options;
  const path = pathOf(id ?? '');
  const needsOther = needs ?? (otherToken === undefined ? '--other-token' : undefined);
  const act = once(() => send('GET', `${path}/${how}`, { token }));
  const details = () => send('GET', path, { token });
  const isRunning = (came: Came) => isSuccess(came) && at(came.json, 'status') === 'running';
  const row = (says: string, look: Row['look'], fits: Row['fits'], extra: Partial<Row> = {}): Row => {
    return { call: `GET /execution/{id}/${how}`, says, needs, look, fits, ...extra };
  };
  return [
    row('requires authentication', () => send('GET', `${path}/${how}`, {}), isSignInAsked),
    row(
      'user must own it: another person is refused',
      () => send('GET', `${path}/${how}`, { token: otherToken }),
      isForbidden,
      {
        needs: needsOther,
      },
    ),
    row('it goes on after that', details, isRunning, { field: 'status' }),
    row('status: "ok"', act, (came) => isSuccess(came) && at(came.json, 'status') === 'ok', { field: 'status' }),
    row(`message: "${messages[how]}"`, act, (came) => isSuccess(came) && at(came.json, 'message') === messages[how], {
      field: 'message',
    }),
    row('then it ends, and says so', () => eventually(details, hasEnded), hasEnded, { field: 'status' }),
    row(
      'then it is not in GET /executions',
      () =>
        eventually(
          () => send('GET', '/executions', { token }),
          (came) => isGone(came, id),
        ),
      (came) => isGone(came, id),
    ),
  ];
}

/** Another status than running, in lower case as the documented one is. */
export function hasEnded(came: Came): boolean {
  const status = at(came.json, 'status');
  return isSuccess(came) && typeof status === 'string' && status !== 'running' && /^[a-z_]+$/.test(status);
}

function isGone(came: Came, id: string | undefined): boolean {
  return isSuccess(came) && Array.isArray(at(came.json, 'executions')) && inList(came, id ?? '') === undefined;
}
