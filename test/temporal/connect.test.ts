import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectLazily, temporalOptions } from '../../src/temporal/connect.ts';
import { newFolder } from '../folder.ts';

function profile(toml: string): string {
  const path = join(newFolder('temporal'), 'temporal.toml');
  writeFileSync(path, toml);
  return path;
}

describe('where Temporal is', () => {
  it('is the local default without any setting', () => {
    const { connectionOptions, namespace } = temporalOptions({});
    expect([connectionOptions.address, namespace]).toEqual(['localhost:7233', 'default']);
  });

  it("comes from Temporal's own variables", () => {
    const { connectionOptions, namespace } = temporalOptions({
      TEMPORAL_ADDRESS: 'temporal.example.com:7233',
      TEMPORAL_NAMESPACE: 'access',
      TEMPORAL_API_KEY: 'secret',
    });
    expect(connectionOptions).toMatchObject({ address: 'temporal.example.com:7233', apiKey: 'secret', tls: true });
    expect(namespace).toBe('access');
  });

  it('comes from a profile of the file', () => {
    const file = profile('[profile.prod]\naddress = "prod.example.com:7233"\nnamespace = "prod"');
    const { connectionOptions, namespace } = temporalOptions({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'prod' });
    expect([connectionOptions.address, namespace]).toEqual(['prod.example.com:7233', 'prod']);
  });

  it.each([
    ['no profile at all', '', 'prod'],
    ['no such profile', '[profile.other]\naddress = "a:1"', 'prod'],
    ['broken TOML', '[profile.prod]\napi_key = "s3cr3t', 'prod'],
    ['a certificate that is not there', '[profile.prod.tls]\nclient_cert_path = "/nowhere/cert.pem"', 'prod'],
  ])('%s: one sentence with the remedy, and no secret', (_, toml, name) => {
    const env = { TEMPORAL_CONFIG_FILE: profile(toml), TEMPORAL_PROFILE: name };
    expect(() => temporalOptions(env)).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        message: expect.stringMatching(/^(?!.*s3cr3t).*TEMPORAL_CONFIG_FILE.*TEMPORAL_PROFILE/),
      }),
    );
  });

  it('an address that cannot be one is refused when connecting', () => {
    const options = temporalOptions({ TEMPORAL_ADDRESS: 'http://temporal.example.com/path' });
    expect(() => connectLazily(options)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  });

  it("K2: messages of 32 MiB are received: the setting has gRPC's own name", async () => {
    const connection = connectLazily(temporalOptions({}));
    expect(connection.options.channelArgs).toMatchObject({ 'grpc.max_receive_message_length': 32 * 1024 * 1024 });
    await connection.close();
  });
});
