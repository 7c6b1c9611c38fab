/** What the environment says to the commands that speak to a server. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

export interface ClientEnvironment {
  /** `ELEVATE_URL`: the server to speak to. */
  url: string | undefined;
  /** `ELEVATE_TOKEN`: wins over logins that were kept. */
  token: string | undefined;
  /** Where logins are kept: below `$XDG_STATE_HOME`, else below `~/.local/state`. */
  loginsFile: string;
}

/** Empty variables count as unset. */
export function clientEnvironment(env: Readonly<Record<string, string | undefined>> = process.env): ClientEnvironment {
  const stateHome = said(env['XDG_STATE_HOME']);
  const home = said(env['HOME']) ?? homedir();
  // A path that is not absolute is to be ignored (XDG Base Directory Specification).
  const state = stateHome !== undefined && isAbsolute(stateHome) ? stateHome : join(home, '.local', 'state');
  return {
    url: said(env['ELEVATE_URL']),
    token: said(env['ELEVATE_TOKEN']),
    loginsFile: join(state, 'elevate', 'logins.json'),
  };
}

function said(value: string | undefined): string | undefined {
  const text = value?.trim() ?? '';
  return text === '' ? undefined : text;
}
