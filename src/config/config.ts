/** The frozen configuration as the rest of Elevate sees it: defaults applied, durations in milliseconds. */
import type { JsonSchema } from '../core/json-schema.ts';

export interface Config {
  server: { host: string; port: number; publicUrl: string | undefined };
  temporal: { taskQueue: string };
  /** `sqlite:PATH`. */
  store: string;
  keys: string[];
  slack: SlackConfig | undefined;
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
  /** SHA-256 over the file as read, hex; for the audit (T32). */
  digest: string;
}

export interface SlackConfig {
  /** Workspace ids that may act (T2). */
  workspaces: string[];
  signingSecret: string;
  botToken: string;
  apiUrl: string;
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
