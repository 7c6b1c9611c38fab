import { names } from '../../workflows/contract.ts';
import { ElevateError } from '../core/errors.ts';
import type { Gateway } from '../core/ports.ts';
import type { Calling } from './calling.ts';
import { isExecutionId } from './describe.ts';

/** Nobody waits for a list of Temporal's. */
const listMs = 10_000;
/** Well below gRPC's limit on an answer, memos included. */
const pageSize = 200;

/** Where visibility is kept in SQL, what is open counts as closed at the end of the year 9999. */
const never = '9000-01-01T00:00:00.000Z';

/** Everything that Temporal lists, without one custom search attribute. */
export function createListing({ service, namespace, taskQueue, within }: Calling): Pick<Gateway, 'listed'> {
  return {
    async *listed(since) {
      const request = { namespace, query: queryFor(taskQueue, since), pageSize };
      let nextPageToken: Uint8Array = new Uint8Array();
      do {
        const page = await within(listMs, () => service.listWorkflowExecutions({ ...request, nextPageToken }));
        for (const { execution, closeTime } of page.executions) {
          const id = execution?.workflowId ?? '';
          if (isExecutionId(id)) yield { execution: id, open: !closeTime };
        }
        ({ nextPageToken } = page);
      } while (nextPageToken.length > 0);
    },
  };
}

/** Quoting in these queries is not to be relied on, so nothing that would need it is ever put into one. */
function queryFor(taskQueue: string, since: number | undefined): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(taskQueue)) {
    throw new ElevateError(
      'invalid_input',
      'The name of the task queue cannot be searched for. Use letters, digits, dots, dashes and underscores.',
    );
  }
  const ours = `WorkflowType = '${names.elevate}' AND TaskQueue = '${taskQueue}'`;
  if (since === undefined) return ours;
  const time = new Date(since).toISOString();
  return `${ours} AND (StartTime >= '${time}' OR CloseTime BETWEEN '${time}' AND '${never}')`;
}
