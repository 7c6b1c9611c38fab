/** The frozen configuration as the rest of Elevate sees it: defaults applied, durations in milliseconds. */
import type { JsonSchema } from '../core/json-schema.ts';

export interface Config {
  server: { host: string; port: number; publicUrl: string | undefined };
  temporal: { taskQueue: string };
  /** `sqlite:PATH`, or a `postgres://` URL. */
  store: string;
  keys: string[];
  /** The REST API; absent, it is not served. */
  api: ApiConfig | undefined;
  slack: SlackConfig | undefined;
  teams: TeamsConfig | undefined;
  operators: Approvers;
  auditors: Approvers;
  identity: {
    /** Company e-mail domains, lower case. */
    domains: string[];
    oneDirectory: boolean;
    /** Each list names one person: the first e-mail is the principal, the others mean the same (T5). */
    aliases: string[][];
    /** `platform:tenant/user` → e-mail. */
    links: Record<string, string>;
  };
  limits: { openPerPerson: number; perHour: number };
  groups: Record<string, GroupConfig>;
  providers: Record<string, ProviderConfig>;
  roles: Record<string, RoleConfig>;
  workflows: Record<string, WorkflowConfig>;
  /** SHA-256 over the files as read, hex; for the audit (T32). */
  digest: string;
}

export interface ApiConfig {
  /** The OpenID provider: https, or http on this machine. Pinned. */
  issuer: string;
  /** What a token must name as its audience. */
  audience: string;
  /** Accepted `typ` headers, lower case: `at+jwt` (RFC 9068), and `jwt` where a provider issues no other. */
  tokenTypes: string[];
  /** The claim that holds the company e-mail. */
  principalClaim: string;
  groupsClaim: string;
  /** The issuer confirms every address, so `email_verified` need not say so (T3). */
  emailTrusted: boolean;
  /** The scope that deciding needs; undefined: none (T18). */
  decideScope: string | undefined;
  /** The public client that the command line signs in with; undefined: it is given a token instead. */
  clientId: string | undefined;
}

export interface SlackConfig {
  /** Workspace ids that may act (T2). */
  workspaces: string[];
  signingSecret: string;
  botToken: string;
  apiUrl: string;
}

export interface TeamsConfig {
  /** Entra tenant ids that may act, lower case (T2). The bot's own registration is in the first. */
  tenants: string[];
  /** The application id of the bot, lower case. */
  appId: string;
  /** `SingleTenant` signs in with the password; `UserAssignedMsi` with the identity of the machine. */
  app: { type: 'SingleTenant'; password: string } | { type: 'UserAssignedMsi' };
  /** All of Microsoft's addresses, or all of a sovereign cloud's or of a stand-in's. */
  endpoints: TeamsEndpoints;
  /** The endpoints are those of the public cloud. */
  standardEndpoints: boolean;
  /** Hosts that may be sent to, exact or `*.example.com` for what is below. */
  serviceHosts: string[];
  /** Messages for one person's eyes in a conversation that others read, which Teams does not offer everywhere. */
  targetedMessages: boolean;
  /** Where a first message goes before anybody has written to us. */
  serviceUrl: string;
}

/** Named as in the Bot Framework's own configuration. */
export interface TeamsEndpoints {
  loginUrl: string;
  oauthScope: string;
  tokenIssuer: string;
  oauthUrl: string;
  openIdMetadataUrl: string;
  emulatorOpenIdMetadataUrl: string;
  callerId: string;
}

export interface Approvers {
  users: string[];
  groups: string[];
}

/** People by e-mail, and a platform's own groups by platform, such as `{ slack: 'S0123ABC' }`. */
export interface GroupConfig {
  users: string[];
  platformGroups: Record<string, string>;
}

export type ProviderConfig =
  | { type: 'log'; timeoutMs: number }
  | {
      type: 'webhook';
      url: string;
      /** One or two secrets, newest first: Standard Webhooks rotation. */
      secrets: string[];
      /** It answers inspect calls. */
      inspects: boolean;
      timeoutMs: number;
    };

export interface RoleConfig {
  title: string;
  providers: string[];
  risk: 'low' | 'normal' | 'high';
  howTo: string | undefined;
  /** Groups that may ask; undefined: everyone the bot knows. */
  requestGroups: string[] | undefined;
  reason: { required: boolean; min: number; pattern: string | undefined; hint: string | undefined };
  duration: { defaultMs: number; maxMs: number };
  approval: StageConfig[];
  selfApproval: boolean;
}

export interface StageConfig {
  name: string;
  approvers: Approvers;
  quorum: number;
  withinMs: number;
  ask: { channels: Record<string, string[]>; dm: 'all' | 'none' };
}

export interface WorkflowConfig {
  title: string;
  enabled: boolean;
  performs: 'access';
  /** JSON Schema (2020-12) of what may be added to the input of an access request. */
  input: JsonSchema | undefined;
}
