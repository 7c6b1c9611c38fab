/** Many executions, quickly: workflows on a queue that nobody polls, and their rows copied inside the database. */
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as others } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { begin } from '../../workflows/approval.ts';
import { names } from '../../workflows/contract.ts';
import { openStore } from '../../src/store/database.ts';
import { memoField } from '../../src/temporal/describe.ts';
import { timed } from '../measure/figures.ts';
import { alice, idleQueue, idOf, inputFor, memoFor, OF_ALICE, OTHERS, ownerOf, spread } from './sample.ts';

/** Numbers of executions: from this one up to, and without, that one. */
export interface Range {
  from: number;
  to: number;
}

/** All were created before the bench began, a millisecond apart. */
const createdAt = (number: number): number => epoch + number;
const epoch = Date.now() - 2 * 60 * 60_000;

const STARTS_AT_ONCE = 20;

export async function fillTemporal(client: Client, { from, to }: Range): Promise<void> {
  await timed(to - from, STARTS_AT_ONCE, async (index) => {
    const number = from + index;
    const input = inputFor(idOf(number), ownerOf(number), createdAt(number));
    await client.workflow.start(names.elevate, {
      taskQueue: idleQueue,
      workflowId: input.request.id,
      args: [input],
      memo: { [memoField]: memoFor(input) },
    });
  });
}

const templateOpen = `wf_${'o'.repeat(26)}`;
const templateClosed = `wf_${'c'.repeat(26)}`;

/**
 * Writes one open row and a closed one through the store, and copies them: the store knows what a row is, and SQL is quick.
 * @param closedShare of nine in ten, say 0.9, is over; none of Alice's is
 */
export async function fillRows(path: string, { from, to }: Range, closedShare = 0): Promise<void> {
  await writeTemplates(path);
  const database = new DatabaseSync(path, { timeout: 30_000 });
  database.exec('pragma synchronous = off; pragma cache_size = -400000');
  for (let start = from; start < to; start += PER_COMMIT) {
    const end = Math.min(to, start + PER_COMMIT);
    database.exec('begin immediate');
    for (let step = start; step < end; step += STEP) {
      for (const table of ['executions', 'execution_roles', 'execution_approvers'])
        copyInto(database, table, { from: step, to: Math.min(end, step + STEP) }, closedShare);
      // The identity provider lives in this process, and is asked for its keys now and then.
      await others();
    }
    database.exec('commit');
  }
  for (const [table, column] of [
    ['executions', 'id'],
    ['execution_roles', 'execution'],
    ['execution_approvers', 'execution'],
  ] as const)
    database.prepare(`delete from ${table} where ${column} in (?, ?)`).run(templateOpen, templateClosed);
  database.exec('pragma wal_checkpoint(truncate)');
  database.close();
}

const STEP = 5_000;
/** Ids lie all over their index, so each commit writes most of it. */
const PER_COMMIT = 100_000;

async function writeTemplates(path: string): Promise<void> {
  const store = await openStore(`sqlite:${path}`);
  for (const id of [templateOpen, templateClosed]) {
    const input = inputFor(id, alice, epoch);
    const run = '00000000-0000-4000-8000-000000000000';
    const { state } = begin({ input, run }, epoch);
    const over = { ...state, phase: 'closed' as const, outcome: 'completed' as const, closedAt: epoch };
    await store.executions.create({ input, run, state: id === templateClosed ? over : state, updatedAt: epoch });
  }
  await store.close();
}

/** Every column as in the template, but for what tells executions apart. */
function copyInto(database: DatabaseSync, table: string, { from, to }: Range, closedShare: number): void {
  const columns = database.prepare(`select name from pragma_table_info('${table}')`).all();
  const all = columns.map(({ name }) => String(name));
  const key = table === 'executions' ? 'id' : 'execution';
  const isClosed = `(n >= ${OF_ALICE} and n % 10 < ${Math.round(closedShare * 10)})`;
  database
    .prepare(
      `with recursive numbers(n) as (select ? union all select n + 1 from numbers where n + 1 < ?)
       insert into ${table} (${all.join(', ')})
       select ${all.map(copied).join(', ')} from numbers
       join ${table} as template on template.${key} = case when ${isClosed} then '${templateClosed}' else '${templateOpen}' end`,
    )
    .run(from, to);
}

const idSql = `printf('wf_%026d', (n * ${spread.factor}) % ${spread.modulus})`;
const ownerSql = `case when n < ${OF_ALICE} then '${alice.id}' else printf('person-%d@example.com', n % ${OTHERS}) end`;
const created = `${epoch} + n`;

function copied(column: string): string {
  const known: Record<string, string> = {
    id: idSql,
    execution: idSql,
    owner: ownerSql,
    beneficiary: ownerSql,
    created_at: created,
    updated_at: created,
    closed_at: 'template.closed_at + n',
    input: `replace(replace(replace(template.input, '${templateOpen}', ${idSql}), '${templateClosed}', ${idSql}), '${alice.id}', ${ownerSql})`,
  };
  return known[column] ?? `template.${column}`;
}
