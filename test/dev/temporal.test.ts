import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, Connection } from '@temporalio/client';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Log } from '../../src/core/ports.ts';
import { findTemporal, startTemporal } from '../../src/dev/temporal.ts';
import { newFolder } from '../folder.ts';

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
let path = '';

beforeAll(async () => {
  path = await findTemporal({ env: process.env, log });
});

async function listens(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  const socket = connect({ host: host ?? '', port: Number(port) });
  const listening = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return listening;
}

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

describe('the Temporal dev server', () => {
  it('answers when it is started, is the process it says, and is gone when stopped', async () => {
    const server = await startTemporal({ path, log });
    const count = await withClient(server.address, (client) => client.workflow.count());
    expect(count.count).toBe(0);
    expect(process.kill(server.pid, 0)).toBe(true);

    await server.stop();
    expect(await listens(server.address)).toBe(false);
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');
    await server.stop();
  });

  it('P2: keeps what it has in its file, also when it is killed', async () => {
    const dbFile = join(newFolder('temporal'), 'temporal.db');
    const first = await startTemporal({ path, dbFile, log });
    const start = { taskQueue: 'nobody', workflowId: 'kept' };
    await withClient(first.address, (client) => client.workflow.start('Kept', start));
    process.kill(first.pid, 'SIGKILL');
    await first.stop();

    const second = await startTemporal({ path, dbFile, log });
    const kept = await withClient(second.address, (client) => client.workflow.getHandle('kept').describe());
    expect(kept).toMatchObject({ type: 'Kept', status: { name: 'RUNNING' } });
    await second.stop();
  });

  it('does not outlive a parent that is killed', async () => {
    const parent = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/orphan.ts'), path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [address] = (await once(createInterface(parent.stdout), 'line')) as [string];
    expect(await listens(address)).toBe(true);

    parent.kill('SIGKILL');
    await vi.waitFor(async () => expect(await listens(address)).toBe(false), 10_000);
  });

  it.each(['/nowhere/temporal', '/bin/false'])('a program that is none (%s) is unavailable', async (wrong) => {
    await expect(startTemporal({ path: wrong, log })).rejects.toEqual(expect.objectContaining({ code: 'unavailable' }));
  });

  it('a port that is taken is unavailable, and the one who has it stays', async () => {
    const server = await startTemporal({ path, log });
    const port = Number(server.address.split(':')[1]);
    await expect(startTemporal({ path, port, log })).rejects.toEqual(expect.objectContaining({ code: 'unavailable' }));
    expect(await listens(server.address)).toBe(true);
    await server.stop();
  });
});
