/** The parts that `elevate dev` brings along, and Elevate running on them. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type App, startApp } from '../app.ts';
import type { Config } from '../config/config.ts';
import { newKey } from '../config/keys.ts';
import { loadConfig } from '../config/load.ts';
import type { TemporalOptions } from '../temporal/connect.ts';
import { type AccessSystem, startAccessSystem } from './access-system.ts';
import { guardLoopback, requireDevConfig, requireDevEnvironment } from './guard.ts';
import { type IdentityProvider, startIdentityProvider } from './identity-provider.ts';
import { accounts, audience, installEverywhere, startTenant, startWorkspace } from './people.ts';
import type { SlackDouble } from './slack-double.ts';
import type { TeamsDouble } from './teams-double.ts';
import { findTemporal, startTemporal } from './temporal.ts';

export interface Embedded {
  app: App;
  config: Config;
  temporal: TemporalOptions;
  slack: SlackDouble;
  teams: TeamsDouble;
  /** Signs in whoever is named, without asking. */
  identityProvider: IdentityProvider;
  /** What the roles of elevate.yaml open. */
  sandbox: AccessSystem;
  stop(): Promise<void>;
}

/**
 * @param options.folder keeps keys and databases, so that a restart goes on where it was
 * @param options.adjust changes the configuration before it is used
 */
export async function startEmbedded(options: {
  config: string;
  folder: string;
  log: Logger;
  env?: Readonly<Record<string, string | undefined>>;
  adjust?: (config: Config) => Config;
}): Promise<Embedded> {
  const { folder, log, env = process.env, adjust = (config) => config } = options;
  requireDevEnvironment(env);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const closing: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const close of closing.splice(0)) await close().catch(() => undefined);
  };
  try {
    const path = await findTemporal({ env, log, onProgress: (text) => console.info(text) });
    const server = await startTemporal({ path, dbFile: join(folder, 'temporal.db'), log });
    closing.unshift(server.stop);
    const secrets = {
      signingSecret: randomBytes(24).toString('hex'),
      botToken: `xoxb-${randomBytes(12).toString('hex')}`,
    };
    const slack = await startWorkspace(secrets);
    closing.unshift(slack.stop);
    const teams = await startTenant();
    closing.unshift(teams.stop);
    const identityProvider = await startIdentityProvider({ people: accounts, audience });
    closing.unshift(identityProvider.stop);
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    const sandbox = await startAccessSystem({ secret });
    closing.unshift(sandbox.stop);

    const { config } = loadConfig(
      { path: options.config },
      {
        ...env,
        ELEVATE_KEYS: keptKey(folder),
        ELEVATE_STORE: `sqlite:${join(folder, 'elevate.db')}`,
        SLACK_SIGNING_SECRET: secrets.signingSecret,
        SLACK_BOT_TOKEN: secrets.botToken,
        SLACK_API_URL: slack.apiUrl,
        ...teamsEnvironment(teams),
        API_ISSUER: identityProvider.issuer,
        API_CLIENT_ID: identityProvider.deviceClientId,
        SANDBOX_URL: sandbox.url,
        SANDBOX_SECRET: secret,
      },
    );
    const adjusted = adjust(config);
    requireDevConfig(adjusted);
    const temporal = { connectionOptions: { address: server.address }, namespace: 'default' };
    const app = await startApp({
      config: adjusted,
      temporal,
      log,
      prepareServer: guardLoopback,
      teamsSignIn: teams.token,
    });
    closing.unshift(app.stop);
    slack.sendTo(`${app.url}/slack/events`);
    teams.sendTo(`${app.url}/api/messages`);
    if (adjusted.teams !== undefined) await installEverywhere(teams);
    return { app, config: adjusted, temporal, slack, teams, identityProvider, sandbox, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What elevate.yaml asks for in its section on Teams. Nobody signs in with the password: the double gives tokens. */
function teamsEnvironment({ tenant, appId, endpoints, serviceUrl }: TeamsDouble): Record<string, string> {
  return {
    TEAMS_TENANT_ID: tenant,
    TEAMS_APP_ID: appId,
    TEAMS_APP_PASSWORD: 'embedded',
    TEAMS_SERVICE_URL: serviceUrl,
    TEAMS_LOGIN_URL: endpoints.loginUrl,
    TEAMS_OAUTH_SCOPE: endpoints.oauthScope,
    TEAMS_TOKEN_ISSUER: endpoints.tokenIssuer,
    TEAMS_OAUTH_URL: endpoints.oauthUrl,
    TEAMS_OPENID_METADATA_URL: endpoints.openIdMetadataUrl,
    TEAMS_EMULATOR_OPENID_METADATA_URL: endpoints.emulatorOpenIdMetadataUrl,
    TEAMS_CALLER_ID: endpoints.callerId,
  };
}

/** The key of this folder, made once. */
function keptKey(folder: string): string {
  const file = join(folder, 'keys');
  if (!existsSync(file)) writeFileSync(file, newKey(), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}
