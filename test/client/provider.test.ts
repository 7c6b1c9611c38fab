/** Signing in at a real OpenID provider: by device code, renewed, and given back. */
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand, runLogin, runLogout } from '../../src/client/run.ts';
import { type IdentityProvider, startIdentityProvider } from '../../src/dev/identity-provider.ts';
import { type Stub, startStub } from './stub.ts';
import { createWorld } from './world.ts';

const nothing = { arguments: [], options: {} };
const alice = { email: 'alice@example.com', name: 'Alice Adams', groups: ['sre'] };

let stub: Stub;
let provider: IdentityProvider;
beforeAll(async () => {
  stub = await startStub();
  provider = await startIdentityProvider({ people: [alice], audience: 'elevate' });
});
afterAll(() => Promise.all([stub.stop(), provider.stop()]));

it('the token that is kept, and the one that it is renewed to, are for this API and name the person', async () => {
  const around = createWorld({ url: stub.url });
  const { terminal } = around.world;
  const agreeing = (line: string) => {
    terminal.print(line);
    const code = / and enter (\S+)$/.exec(line)?.[1];
    if (code !== undefined) void provider.approveDevice(code, alice.email);
  };
  stub.answerOnce('GET /.well-known/oauth-protected-resource', [
    200,
    {
      resource: stub.url,
      authorization_servers: [provider.issuer],
      scopes_supported: ['elevate.decide'],
      elevate_client_id: provider.deviceClientId,
    },
  ]);
  const world = { ...around.world, now: Date.now, terminal: { ...terminal, print: agreeing } };
  expect(await runLogin(nothing, world)).toBe(0);

  const first = await tokenSent(world);
  expect(first.claims).toMatchObject({ aud: 'elevate', email: alice.email, email_verified: true });
  expect(first.header).toMatchObject({ typ: 'at+jwt' });
  expect(String(first.claims['scope']).split(' ')).toContain('elevate.decide');

  const dayLater = { ...world, now: () => Date.now() + 24 * 3_600_000 };
  const second = await tokenSent(dayLater);
  expect(second.claims).toMatchObject({ aud: 'elevate', email: alice.email });
  expect(second.claims.jti).not.toBe(first.claims.jti);

  expect(await runLogout(nothing, world)).toBe(0);
  expect(await runCommand('whoami', nothing, world)).toBe(3);
});

/** What the server is shown, checked as a server checks it. */
async function tokenSent(world: Parameters<typeof runCommand>[2]) {
  await runCommand('whoami', nothing, world);
  const token = stub.seen.at(-1)?.headers.authorization?.replace('Bearer ', '') ?? '';
  const keys = createRemoteJWKSet(new URL(`${provider.issuer}/jwks`));
  const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer: provider.issuer });
  return { claims: payload, header: protectedHeader };
}
