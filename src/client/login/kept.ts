/** Logins that were kept: one file, readable by its owner alone, keyed by the root of the server. */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ClientError, exit } from '../client-error.ts';
import { isObject } from '../reading.ts';

export interface Login {
  issuer: string;
  clientId: string;
  /** What the token is asked for (RFC 8707). */
  resource: string;
  accessToken: string;
  refreshToken?: string;
  /** When the access token ends, in milliseconds since 1970; absent where the issuer does not say. */
  expiresAt?: number;
}

export interface KeptLogins {
  /** Servers with a login. */
  servers(): Promise<string[]>;
  get(server: string): Promise<Login | undefined>;
  /** `undefined` forgets it. */
  put(server: string, login: Login | undefined): Promise<void>;
}

/** @param newId names the new file until it is complete */
export function createKeptLogins(file: string, newId: () => string): KeptLogins {
  async function read(): Promise<Map<string, Login>> {
    const text = await readFile(file, 'utf8').catch((cause: unknown) => {
      if (codeOf(cause) === 'ENOENT') return '{}';
      throw new ClientError(exit.refused, `${file} cannot be read (${codeOf(cause)}).`, { cause });
    });
    return loginsIn(text, file);
  }

  return {
    servers: async () => [...(await read()).keys()],
    get: async (server) => (await read()).get(server),
    async put(server, login) {
      const logins = await read();
      if (login === undefined) logins.delete(server);
      else logins.set(server, login);
      await writeWhole(file, `${JSON.stringify(Object.fromEntries(logins), null, 2)}\n`, newId());
    },
  };
}

/** All or nothing: whoever reads at the same time sees the old file or the new one. */
async function writeWhole(file: string, text: string, id: string): Promise<void> {
  const next = `${file}.${id}`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(next, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, file);
  } catch (cause) {
    await rm(next, { force: true });
    throw new ClientError(exit.refused, `${file} cannot be written (${codeOf(cause)}).`, { cause });
  }
}

function loginsIn(text: string, file: string): Map<string, Login> {
  const json = parsed(text);
  if (!isObject(json)) throw new ClientError(exit.refused, `${file} is damaged. Remove it and sign in again.`);
  return new Map(Object.entries(json).filter((entry): entry is [string, Login] => isLogin(entry[1])));
}

function isLogin(value: unknown): value is Login {
  if (!isObject(value)) return false;
  const needed = ['issuer', 'clientId', 'resource', 'accessToken'];
  return (
    needed.every((name) => typeof value[name] === 'string') &&
    ['undefined', 'string'].includes(typeof value['refreshToken']) &&
    ['undefined', 'number'].includes(typeof value['expiresAt'])
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : 'unknown error';
}
