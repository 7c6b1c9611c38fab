/** What was answered to which operation, and which of them were therefore not tested. */
import { existsSync, readFileSync } from 'node:fs';

interface Seen {
  operation: string;
  /** The request was sent with the operation's own method. */
  expected: boolean;
  status: number;
}

/** Schemathesis leaves out the operation that the document itself comes from. */
const documentItself = 'GET /openapi.json';

/**
 * Prints how often each status was seen.
 * @returns operations that never did what they are for: that were refused each time, or never called
 */
export function tally(path: string, operations: readonly string[]): string[] {
  const seen = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean).map(read) : [];
  const counted = operations
    .filter((operation) => operation !== documentItself)
    .map((operation) => {
      const statuses = seen.filter((each) => each.operation === operation && each.expected).map(({ status }) => status);
      return { operation, statuses, tested: statuses.some((status) => status < 400) };
    });
  const columns = [...new Set(seen.filter(({ expected }) => expected).map(({ status }) => status))].toSorted(
    (a, b) => a - b,
  );
  console.table(
    counted.map(({ operation, statuses, tested }) => ({
      operation,
      ...Object.fromEntries(columns.map((column) => [column, statuses.filter((status) => status === column).length])),
      '': tested ? '' : 'NOT TESTED',
    })),
  );
  const others = seen.filter(({ expected }) => !expected).length;
  console.info(`${seen.length} answers, ${others} of them to methods that there are not.`);
  return counted.filter(({ tested }) => !tested).map(({ operation }) => operation);
}

function read(line: string): Seen {
  return JSON.parse(line) as Seen;
}

/** Every operation of an OpenAPI document, as `GET /path`. */
export function operationsOf(document: { paths: Record<string, Record<string, unknown>> }): string[] {
  const methods = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']);
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((method) => methods.has(method))
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
}
