/** Teams as the messenger sees it, without a network: conversations, what was sent there, and refusals when told to. */
import { type Connector, ConnectorRefusal, type Member, type Place, type Sent } from '../../src/teams/connector.ts';
import type { TeamsMessage } from '../../src/teams/message.ts';

export interface Shown {
  serviceUrl: string;
  conversation: string;
  /** The message that this one is a reply to. */
  thread: string | undefined;
  activity: string;
  message: TeamsMessage;
  edits: number;
}

type Call = 'send' | 'edit' | 'openPersonal' | 'members';
type Fault = { call: Call; conversation?: string; times?: number } & (
  | { error: Error }
  | { status: number; word?: string; retryAfterMs?: number }
);

export function createFakeConnector({ tenant: ourTenant }: { tenant: string }) {
  const messages: Shown[] = [];
  const calls: { call: Call; conversation: string; serviceUrl: string }[] = [];
  const faults: Fault[] = [];
  /** Chats that can be opened, by Teams id or object id. */
  const chats = new Map<string, string>();
  /** Who is where, page by page; our own people if it does not say. */
  const rosters = new Map<string, Member[][]>();

  function enter(call: Call, { serviceUrl, conversation }: Place): void {
    calls.push({ call, conversation, serviceUrl });
    const fault = faults.find((one) => one.call === call && (one.conversation ?? conversation) === conversation);
    if (fault === undefined) return;
    fault.times = (fault.times ?? 1) - 1;
    if (fault.times === 0) faults.splice(faults.indexOf(fault), 1);
    throw 'error' in fault ? fault.error : new ConnectorRefusal({ word: '', ...fault });
  }

  const connector: Connector = {
    async send(place, message) {
      enter('send', place);
      const [conversation = '', thread] = place.conversation.split(';messageid=');
      const shown = { serviceUrl: place.serviceUrl, conversation, thread, activity: `a${messages.length}` };
      messages.push({ ...shown, message, edits: 0 });
      return { ...place, activity: shown.activity };
    },
    async edit(sent: Sent, message) {
      enter('edit', sent);
      const shown = messages.find(({ activity }) => activity === sent.activity)!;
      Object.assign(shown, { message, edits: shown.edits + 1 });
    },
    async openPersonal({ serviceUrl, user }) {
      enter('openPersonal', { serviceUrl, conversation: user });
      const conversation = chats.get(user);
      if (conversation === undefined) throw new ConnectorRefusal({ status: 403, word: 'ForbiddenOperationException' });
      return { serviceUrl, conversation };
    },
    member: async (): Promise<Member | undefined> => undefined,
    async members(place, page = '0') {
      enter('members', place);
      const pages = rosters.get(place.conversation) ?? [[{ id: '29:1ann', tenant: ourTenant, userRole: 'user' }]];
      const next = Number(page) + 1;
      return { members: pages[next - 1] ?? [], ...(next < pages.length && { next: String(next) }) };
    },
    sendTargeted: () => Promise.reject(new Error('not used')),
  };

  return {
    connector,
    calls,
    chats,
    rosters,
    fail: (fault: Fault) => void faults.push(fault),
    messagesIn: (conversation: string) => messages.filter((shown) => shown.conversation === conversation),
  };
}
