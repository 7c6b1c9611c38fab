/** The commands that speak to a server, as they are typed. What they do is in `commands.ts`. */

export interface Usage {
  /** With its arguments, as commander reads them. */
  typed: string;
  does: string;
  options: readonly (readonly [flags: string, does: string])[];
}

const because = ['--reason <text>', 'why, instead of “because …”'] as const;
const cursor = ['--cursor <cursor>', 'go on where the page before ended'] as const;

export const usages = {
  ask: {
    typed: 'ask <words...>',
    does: 'ask for access: elevate ask "admin on aws-prod for 1h because deploy is stuck"',
    options: [],
  },
  list: { typed: 'list', does: 'list my open requests', options: [['--all', 'those that are over, too'], cursor] },
  show: { typed: 'show [id]', does: 'show one request with what happened to it', options: [] },
  done: { typed: 'done [id]', does: 'give access back before its time is over', options: [] },
  cancel: { typed: 'cancel [id]', does: 'withdraw a request', options: [] },
  terminate: { typed: 'terminate [id]', does: 'end an execution by force', options: [] },
  approvals: { typed: 'approvals', does: 'list what waits for my decision', options: [cursor] },
  approve: { typed: 'approve <id> [because...]', does: 'approve what waits for me', options: [because] },
  deny: {
    typed: 'deny <id> [because...]',
    does: 'deny what waits for me: elevate deny <id> because …',
    options: [because],
  },
  whoami: { typed: 'whoami', does: 'say who the server takes me for', options: [] },
  roles: { typed: 'roles [word]', does: 'list what I may ask for, for how long, and who decides', options: [] },
  rebuild: {
    typed: 'rebuild',
    does: 'add and correct what the index lacks (operators)',
    options: [['--wait', 'until it is over']],
  },
} as const satisfies Record<string, Usage>;

export type Verb = keyof typeof usages;
export const verbs = Object.keys(usages) as Verb[];

const url = ['--url <url>', 'the server (default: $ELEVATE_URL, or the only one that I am signed in to)'] as const;
const json = ['--json', 'print the JSON of the API'] as const;
/** Of every command in `usages`. */
export const commonOptions = [url, json] as const;

export const loginUsage: Usage = {
  typed: 'login',
  does: 'sign in with a code that is entered in a browser',
  options: [url],
};
export const logoutUsage: Usage = { typed: 'logout', does: 'forget the login', options: [url] };

export const conformanceUsage: Usage = {
  typed: 'conformance <base-url>',
  does: 'hold a server against the documented Execution API, and print a table',
  options: [
    ['--token <token>', 'the caller (default: $ELEVATE_TOKEN, or a login that was kept)'],
    ['--other-token <token>', 'a second person, who neither owns nor decides what the caller asks for'],
    ['--approver-token <token>', 'somebody who may decide it'],
    ['--signal-token <token>', 'a signal to send, instead of one from GET /approvals'],
    ['--signal-execution <id>', 'the execution that it is for'],
    ['--workflow <name>', 'what to run (default: default)'],
    ['--input <json>', 'its input (default: the first role of GET /roles)'],
    ['--disabled-workflow <name>', 'a workflow that is switched off'],
    ['--json', 'print the rows as JSON'],
  ],
};

export const exitCodesText = `
Commands over the API end with: 0 done · 1 refused or failed · 2 wrong usage · 3 not signed in · 4 the server, or what it needs, is not available.
They sign in with $ELEVATE_TOKEN, or else what elevate login has kept.`;
