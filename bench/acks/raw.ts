/** The calls that a command and a click make, by the client alone, on executions that no worker runs. */
import { Client } from '@temporalio/client';
import { connectLazily } from '../../src/temporal/connect.ts';
import { timed } from '../measure/figures.ts';
import type { Acks, Load } from './chat.ts';

/** One start for a command; a look and a signal for a click. */
export async function rawCalls({ count, atOnce }: Load, address: string): Promise<Acks> {
  const connection = connectLazily({ connectionOptions: { address }, namespace: 'default' });
  const client = new Client({ connection });
  const id = (index: number) => `raw-${index}`;
  const payload = { text: 'x'.repeat(3_000) };
  const command = await timed(count, atOnce, (index) =>
    client.workflow.start('Nobody', { taskQueue: 'raw', workflowId: id(index), args: [payload], memo: { payload } }),
  );
  const click = await timed(count, atOnce, async (index) => {
    await client.workflow.getHandle(id(index)).describe();
    await client.workflow.getHandle(id(index)).signal('event', payload);
  });
  await connection.close();
  return { command, click };
}
