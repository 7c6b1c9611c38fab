import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { apiSection, changed, sampleText, teamsSection } from './sample.ts';

const fits = new Ajv2020({ strict: true, allErrors: true }).compile(configJsonSchema());

describe('the schema for editors', () => {
  it.each(['elevate.yaml', 'examples/elevate.yaml'])('fits %s as it is written, variables included', (file) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    expect(fits(parse(text)) || fits.errors).toBe(true);
  });

  it.each([
    ['an unknown key', changed('title:', 'tittle:')],
    ['a wrong word', changed('dm: none', 'dm: noone')],
    ['a wrong id', changed('C02APPR', 'approvals')],
    ['an include that is no list', `include: groups.yaml${sampleText}`],
    ['another store', `store: mysql://db/x${sampleText}`],
    ['an API without an audience', `${sampleText}api: { issuer: https://id.example.com }\n`],
    ['another type of token', `${sampleText}${apiSection}  token_types: [id_token]\n`],
    ['a bot of many tenants', `${sampleText}${teamsSection.replace('SingleTenant', 'MultiTenant')}`],
    ['endpoints in part', `${sampleText}${teamsSection}  endpoints: { caller_id: x }\n`],
    ['a thread for a conversation', changed('[C02APPR]', '[C02APPR], teams: ["19:a@thread.v2;messageid=1"]')],
    ['a missing key', changed('keys:', 'server:')],
  ])('marks %s', (_what, text) => {
    expect(fits(parse(sampleText))).toBe(true);
    expect(fits(parse(text))).toBe(false);
  });

  it('knows all that may be written', () => {
    const all = `include: [groups.yaml]\nstore: postgres://u:\${file:pw}@db/x${sampleText}${apiSection}  client_id: cli\n${teamsSection}`;
    expect(fits(parse(all)) || fits.errors).toBe(true);
  });

  it('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(configJsonSchema()))).toEqual(configJsonSchema());
    expect(configJsonSchema()['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
  });
});
