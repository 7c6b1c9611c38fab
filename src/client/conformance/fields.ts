/** The documented fields of an execution, each as one row. */
import { at } from '../reading.ts';
import type { Came } from './calling.ts';
import { isSuccess, type Row } from './rows.ts';

interface Field {
  name: string;
  says: string;
  fits: (value: unknown) => boolean;
}

const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;
const length = /^P(?:\d+W|(?=\d|T)(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?)$/;

export const isText = (value: unknown) => typeof value === 'string' && value !== '';
export const isMoment = (value: unknown) =>
  typeof value === 'string' && moment.test(value) && !Number.isNaN(Date.parse(value));
const isLength = (value: unknown) => typeof value === 'string' && length.test(value);

export const runningFields: readonly Field[] = [
  { name: 'workflow_id', says: 'its id', fits: isText },
  { name: 'run_id', says: 'an id', fits: isText },
  { name: 'status', says: '"running"', fits: (value) => value === 'running' },
  { name: 'start_time', says: 'a time in RFC 3339', fits: isMoment },
  { name: 'execution_time', says: 'a duration in ISO 8601', fits: isLength },
  { name: 'task_queue', says: 'a name', fits: isText },
  { name: 'user', says: 'who asked for it', fits: isText },
  { name: 'workflow_type.name', says: '"ElevateWorkflow"', fits: (value) => value === 'ElevateWorkflow' },
];

/** One row per field of what `look` finds. */
export function fieldRows(
  call: string,
  fields: readonly Field[],
  { needs, look }: { needs: string | undefined; look: () => Promise<Came> },
): Row[] {
  return fields.map(({ name, says, fits }) => ({
    call,
    says: `${name}: ${says}`,
    needs,
    look,
    field: name,
    fits: (came) => isSuccess(came) && fits(at(came.json, ...name.split('.'))),
  }));
}
