/** The device endpoints of an OpenID provider, from memory (RFC 8628). */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

type Said = { status: number; json: object };

export async function startIssuerStub() {
  const asked: { path: string; form: Record<string, string> }[] = [];
  const grants: Said[] = [];
  const metadata: Record<string, unknown> = {};
  const device: Record<string, unknown> = {};
  let url = '';

  function answer(path: string): Said {
    switch (path) {
      case '/.well-known/openid-configuration':
        return {
          status: 200,
          json: {
            issuer: url,
            token_endpoint: `${url}/token`,
            device_authorization_endpoint: `${url}/device`,
            revocation_endpoint: `${url}/revoke`,
            ...metadata,
          },
        };
      case '/device':
        return {
          status: 200,
          json: {
            device_code: 'device-code',
            user_code: 'ABCD-EFGH',
            verification_uri: `${url}/activate`,
            verification_uri_complete: `${url}/activate?code=ABCD-EFGH`,
            expires_in: 60,
            interval: 0.01,
            ...device,
          },
        };
      case '/token':
        return grants.shift() ?? { status: 400, json: { error: 'invalid_grant' } };
      case '/revoke':
        return { status: 200, json: {} };
      default:
        return { status: 404, json: {} };
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const path = request.url ?? '';
    asked.push({ path, form: Object.fromEntries(new URLSearchParams(await text(request))) });
    const { status, json } = answer(path);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  }

  const server = createServer((request, response) => void serve(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    asked,
    /** What `/token` says, one after the other. */
    grants,
    /** Overrides in the issuer's metadata, and in the answer to a device. */
    metadata,
    device,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export type IssuerStub = Awaited<ReturnType<typeof startIssuerStub>>;

export function granted(access: string, refresh?: string, seconds = 300): Said {
  const more = refresh === undefined ? {} : { refresh_token: refresh };
  return { status: 200, json: { access_token: access, token_type: 'Bearer', expires_in: seconds, ...more } };
}

export function refused(error: string): Said {
  return { status: 400, json: { error, error_description: 'A secret: device-code' } };
}
