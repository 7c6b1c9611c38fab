import { ConfigError, type Mistake } from '../../src/config/mistakes.ts';
import { type Loaded, loadConfig } from '../../src/config/load.ts';
import type { Environment } from '../../src/config/substitute.ts';

const bytes = (first: number) => Uint8Array.from({ length: 32 }, (_, index) => (first + index * 7) % 256);
export const sampleKeys = [1, 2, 3].map((first) => Buffer.from(bytes(first)).toString('base64url'));
export const sampleSecret = `whsec_${Buffer.from(bytes(9)).toString('base64')}`;

export const sampleEnv: Environment = {
  ELEVATE_KEYS: sampleKeys[0],
  SLACK_SIGNING_SECRET: '8f742231b10e8888abcd99yyyzzz85a5',
  SLACK_BOT_TOKEN: 'xoxb-not-a-real-token',
  TEAMS_TENANT_ID: '0ac3e000-0000-4000-8000-000000000001',
  TEAMS_APP_ID: '0e1e7a7e-0000-4000-8000-000000000002',
  TEAMS_APP_PASSWORD: 'not-a-real-app-password',
  TEAMS_LOGIN_URL: 'https://login.invalid/nowhere',
  TEAMS_OAUTH_SCOPE: 'https://api.invalid/.default',
  TEAMS_TOKEN_ISSUER: 'https://teams.invalid',
  TEAMS_OAUTH_URL: 'http://127.0.0.1:9097',
  TEAMS_OPENID_METADATA_URL: 'http://127.0.0.1:9097/openid',
  TEAMS_EMULATOR_OPENID_METADATA_URL: 'http://127.0.0.1:9097/openid',
  TEAMS_CALLER_ID: 'urn:elevate:stand-in',
  TEAMS_SERVICE_URL: 'http://127.0.0.1:9097/teams/',
  DB_PASSWORD: 'not-a-real-password',
  SANDBOX_SECRET: sampleSecret,
  VPN_SECRET: sampleSecret,
  VPN_WEBHOOK_SECRET: sampleSecret,
  VPN_WEBHOOK_SECRET_BEFORE: `whsec_${Buffer.from(bytes(10)).toString('base64')}`,
};

export const sampleText = `
keys: \${ELEVATE_KEYS}
slack:
  workspaces: [T01ACME]
  signing_secret: \${SLACK_SIGNING_SECRET}
  bot_token: \${SLACK_BOT_TOKEN}
identity:
  domains: [example.com]
  aliases: [[carol@example.com, caroline@example.com]]
  links: { "slack:T01ACME/U02BOB": bob@example.com }
groups:
  sre: [bob@example.com, carol@example.com]
  oncall: { slack_usergroup: S0123ABC }
providers:
  vpn: { type: webhook, url: https://vpn.example.com/grants, secret: "\${VPN_SECRET}" }
roles:
  admin:
    title: Administrator
    providers: [vpn]
    reason: { pattern: "INC-[0-9]+" }
    duration: { default: 1h, max: 4h }
    approval:
      - approvers: { groups: [sre] }
        quorum: 2
        ask: { slack: [C02APPR], dm: none }
        within: 4h
workflows:
  default: { title: Temporary access, performs: access }
`;

/** The section `slack` of the sample, and the API in its place or beside it. */
export const slackSection = /slack:\n(?: {2}.*\n)+/.exec(sampleText)?.[0] ?? '';
export const apiSection = `api:
  issuer: https://id.example.com
  audience: elevate
  decide_scope: elevate.decide
`;

/** Teams beside what is there. */
export const teamsSection = `teams:
  tenants: ["\${TEAMS_TENANT_ID}"]
  app_id: "\${TEAMS_APP_ID}"
  app_type: SingleTenant
  app_password: "\${TEAMS_APP_PASSWORD}"
`;

/** The sample without a chat. */
export const apiOnlyText = sampleText
  .replace(slackSection, apiSection)
  .replace(/ {2}links:.*\n/, '')
  .replace(/ {2}oncall:.*\n/, '')
  .replace(/ {8}ask:.*\n/, '');

/** The sample with one passage changed. */
export function changed(from: string, to: string): string {
  if (!sampleText.includes(from)) throw new Error(`The sample has no ${from}`);
  return sampleText.replace(from, () => to);
}

export function load(text: string, env: Environment = sampleEnv): Loaded {
  return loadConfig({ text }, env);
}

export function errorOf(text: string, env: Environment = sampleEnv): ConfigError | undefined {
  try {
    load(text, env);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

export function mistakesIn(text: string, env: Environment = sampleEnv): readonly Mistake[] {
  return errorOf(text, env)?.mistakes ?? [];
}
