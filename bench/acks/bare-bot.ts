/** A bot of Teams on the SDK's own adapter and key reading, which answers at once. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import {
  CloudAdapter,
  ConfigurationBotFrameworkAuthentication,
  ConfigurationServiceClientCredentialFactory,
  type TurnContext,
} from 'botbuilder';
import { pino } from 'pino';
import type { TeamsDouble } from '../../src/dev/teams-double.ts';
import { createServer } from '../../src/http/server.ts';

/** On our server. It believes the tokens of the double's issuer, by the SDK's own check of them. */
export async function startBareBot(teams: TeamsDouble): Promise<{ url: string; close(): Promise<void> }> {
  const adapter = createAdapter(teams);
  const server = createServer({
    teams: {
      async handle(request, response) {
        const body = (await json(request)) as Record<string, unknown>;
        await adapter.process({ method: 'POST', headers: headersOf(request), body }, responseOn(response), answer);
      },
    },
    ready: async () => ({ ok: true, checks: {} }),
    log: pino({ level: 'silent' }),
  });
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { url, close: server.close };
}

/** A message is taken without a word, as Elevate's words do not come with the answer to it either. */
async function answer(context: TurnContext): Promise<void> {
  if (context.activity.type !== 'invoke') return;
  const body = { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: 'ok' };
  await context.sendActivity({ type: 'invokeResponse', value: { status: 200, body } });
}

function createAdapter({ tenant, appId, endpoints }: TeamsDouble): CloudAdapter {
  const app = { MicrosoftAppId: appId, MicrosoftAppType: 'SingleTenant', MicrosoftAppTenantId: tenant };
  return new CloudAdapter(
    new ConfigurationBotFrameworkAuthentication(
      {
        ...app,
        ToChannelFromBotLoginUrl: endpoints.loginUrl,
        ToChannelFromBotOAuthScope: endpoints.oauthScope,
        ToBotFromChannelTokenIssuer: endpoints.tokenIssuer,
        OAuthUrl: endpoints.oauthUrl,
        ToBotFromChannelOpenIdMetadataUrl: endpoints.openIdMetadataUrl,
        ToBotFromEmulatorOpenIdMetadataUrl: endpoints.emulatorOpenIdMetadataUrl,
        CallerId: endpoints.callerId,
      },
      new ConfigurationServiceClientCredentialFactory({ ...app, MicrosoftAppPassword: 'never used' }),
    ),
  );
}

const headersOf = ({ headers }: IncomingMessage) => ({ authorization: headers.authorization });

/** What the SDK takes a web framework's answer to be. */
function responseOn(response: ServerResponse) {
  let body: unknown;
  const answering = {
    socket: response.socket,
    status(code: number) {
      response.statusCode = code;
      return answering;
    },
    header: (name: string, value: unknown) => response.setHeader(name, String(value)),
    send: (content: unknown) => void (body = content),
    end() {
      if (body === undefined) return response.end();
      return response.setHeader('content-type', 'application/json; charset=utf-8').end(JSON.stringify(body));
    },
  };
  return answering;
}
