/**
 * The OpenAPI document: it is the one that is checked in, it holds together, and its examples do what they say.
 * To renew it: `WRITE_OPENAPI=1 npx vitest run test/http/openapi.test.ts && npx oxfmt docs/openapi.json`
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { beforeAll, describe, expect, it } from 'vitest';
import { ElevateError, type ErrorCode } from '../../src/core/errors.ts';
import { kinds } from '../../src/http/problem/codes.ts';
import { sampleTime } from '../samples.ts';
import { type Desk, openDesk, sampleFound, sampleListed, sampleRow } from './desk.ts';

const file = join(import.meta.dirname, '../../docs/openapi.json');

interface Media {
  schema: object;
  example?: unknown;
}
interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  security?: object[];
  parameters?: {
    name: string;
    in: string;
    required: boolean;
    schema: object;
    example?: unknown;
    description: string;
  }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { description: string; headers?: object; content: Record<string, Media> }>;
}
interface Document {
  openapi: string;
  security: object[];
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; securitySchemes: object };
}

let desk: Desk;
let document: Document;
let operations: { path: string; method: string; operation: Operation }[];
let ajv: Ajv2020;

beforeAll(async () => {
  desk = await openDesk();
  document = (await (await fetch(`${desk.url}/openapi.json`)).json()) as Document;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  ajv = new Ajv2020({ strict: true, allErrors: true });
  addFormats.default(ajv);
  ajv.addKeyword('components').addSchema({ $id: 'doc', components: document.components });
});

/** What is wrong with a value by a schema of the document. */
function wrong(schema: object, value: unknown): unknown[] {
  const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"doc#/')) as object);
  return validate(value) ? [] : (validate.errors ?? []);
}

it('is the one that is checked in; else WRITE_OPENAPI=1 npx vitest run test/http/openapi.test.ts, then npx oxfmt docs/openapi.json', () => {
  if (process.env['WRITE_OPENAPI'] === '1') writeFileSync(file, JSON.stringify(document, undefined, 2));
  expect(document).toEqual(JSON.parse(readFileSync(file, 'utf8')));
});

describe('the document', () => {
  it('is OpenAPI 3.1 with a bearer token for everything below /api/v1, and for nothing else', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.components.securitySchemes).toMatchObject({
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    });
    expect(document.security).toEqual([{ bearer: [] }]);
    for (const { path, operation } of operations)
      expect([path, operation.security]).toEqual([path, path.startsWith('/api/v1/') ? undefined : []]);
  });

  it('has every call that the server takes', () => {
    expect(operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`).toSorted()).toEqual([
      'GET /.well-known/oauth-protected-resource',
      'GET /api/v1/approvals',
      'GET /api/v1/execution/{id}',
      'GET /api/v1/execution/{id}/cancel',
      'GET /api/v1/execution/{id}/signal',
      'GET /api/v1/execution/{id}/terminate',
      'GET /api/v1/executions',
      'GET /api/v1/operator/index/rebuild',
      'GET /api/v1/roles',
      'GET /api/v1/whoami',
      'GET /healthz',
      'GET /openapi.json',
      'GET /readyz',
      'POST /api/v1/execution',
      'POST /api/v1/execution/{id}/cancel',
      'POST /api/v1/execution/{id}/signal',
      'POST /api/v1/execution/{id}/terminate',
      'POST /api/v1/operator/index/rebuild',
    ]);
  });

  it('names each operation once, says what it does, and describes every parameter, answer and field', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = new Set(document.tags.map(({ name }) => name));
    for (const { path, operation } of operations) {
      expect(operation.summary).toMatch(/^[A-Z].*[^.]$/);
      expect(operation.tags.filter((tag) => !tags.has(tag))).toEqual([]);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const parameters = operation.parameters ?? [];
      expect(parameters.filter((each) => each.in === 'path').map(({ name }) => name)).toEqual(inPath);
      expect(parameters.filter(({ description }) => !description)).toEqual([]);
      expect(Object.values(operation.responses).filter(({ description }) => !description)).toEqual([]);
    }
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      const { description, properties } = schema as {
        description?: string;
        properties: Record<string, { type?: string; description?: string; const?: unknown }>;
      };
      expect([name, description]).toEqual([name, expect.stringMatching(/\.|\)$/)]);
      const silent = Object.entries(properties).filter(
        ([, each]) => each.type !== undefined && each.const === undefined && !each.description,
      );
      expect([name, silent]).toEqual([name, []]);
    }
  });

  it('refers to nothing that is not there, and every schema is one', () => {
    for (const name of Object.keys(document.components.schemas))
      expect(() => ajv.compile({ $ref: `doc#/components/schemas/${name}` })).not.toThrow();
    expect(JSON.stringify(document)).not.toMatch(/def-\d|"\$ref":"(?!#\/components\/schemas\/)/);
  });

  it('has examples that fit their schemas', () => {
    for (const { operation } of operations) {
      const { parameters = [], requestBody, responses } = operation;
      const media = [requestBody?.content ?? {}, ...Object.values(responses).map(({ content }) => content)].flatMap(
        Object.values,
      );
      const shown = [...parameters, ...(media as Media[])].filter(({ example }) => example !== undefined);
      const unfit = shown.flatMap(({ schema, example }) => wrong(schema, example));
      expect([operation.operationId, unfit]).toEqual([operation.operationId, []]);
    }
  });

  it('documents with every refusal that a call can meet', () => {
    const always = ['400', '401', '403', '500', '503'];
    for (const { path, operation } of operations.filter(({ path: each }) => each.startsWith('/api/v1/'))) {
      const expected = path.includes('{id}') ? [...always, '404'] : always;
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(expected));
    }
  });
});

describe('each example', () => {
  it('does what it says, and what comes back is documented, by kind and by schema', async () => {
    const done = new Set<string>();
    for (const { path, method, operation } of operations) {
      for (const body of bodiesOf(operation)) {
        const answer = await sent(desk, path, method, operation, body);
        expect([operation.operationId, answer.status]).toEqual([
          operation.operationId,
          expect.toBeOneOf([200, 201, 202]),
        ]);
        expect([operation.operationId, undocumented(operation, answer)]).toEqual([operation.operationId, []]);
        done.add(operation.operationId);
      }
    }
    expect(done.size).toBe(operations.length);
  });

  it('with everything that can be there, fits as well', async () => {
    const closed = {
      ...sampleRow(),
      state: { ...sampleRow().state, phase: 'closed' as const, outcome: 'denied' as const, closedAt: sampleTime },
    };
    const full = await openDesk({
      says: {
        list: async () => ({
          executions: [sampleListed({ phase: 'closed', outcome: 'expired', closedAt: sampleTime + 90_061_000 })],
          next: 'c2',
          stale: true,
        }),
        get: async () => sampleFound({ row: closed, status: 'completed', closedAt: sampleTime }),
        approvals: async () => ({ rows: [sampleRow()], next: 'c2', stale: true }),
        rebuildState: async () => ({ status: 'failed', startedAt: 1, closedAt: 2, looked: 3, mended: 4 }),
      },
    });
    for (const { path, method, operation } of operations) {
      for (const body of bodiesOf(operation)) {
        const answer = await sent(full, path, method, operation, body);
        expect([operation.operationId, undocumented(operation, answer)]).toEqual([operation.operationId, []]);
      }
    }
  });
});

describe('each refusal', () => {
  /** What each call of the core may throw, beside what every call may. */
  const codes: Record<string, ErrorCode[]> = {
    create: ['unknown_workflow', 'workflow_disabled', 'rate_limited', 'conflict'],
    get: ['unknown_execution'],
    cancel: ['unknown_execution', 'execution_closed'],
    terminate: ['unknown_execution', 'execution_closed'],
    signal: ['unknown_execution', 'execution_closed', 'token_invalid', 'token_expired'],
    list: [],
    approvals: [],
    startRebuild: [],
    rebuildState: [],
  };
  const usual: ErrorCode[] = ['invalid_input', 'unauthenticated', 'unknown_identity', 'not_allowed', 'unavailable'];

  it('is documented, by kind and by schema, for every call that can meet it', async () => {
    for (const code of Object.keys(kinds) as ErrorCode[]) {
      const details = {
        execution: 'wf_00000000000000000000000000',
        reason: 'why',
        problems: [{ pointer: '/a', message: 'b' }],
      };
      const fail = async () => {
        throw new ElevateError(code, 'as it is', { details });
      };
      const failing = Object.keys(codes).filter((call) => [...usual, ...codes[call]!].includes(code));
      if (failing.length === 0) continue;
      const refusing = await openDesk({ says: Object.fromEntries(failing.map((call) => [call, fail])) });
      let met = 0;
      for (const { path, method, operation } of operations) {
        for (const body of bodiesOf(operation)) {
          const answer = await sent(refusing, path, method, operation, body);
          expect([operation.operationId, undocumented(operation, answer)]).toEqual([operation.operationId, []]);
          if (answer.status === kinds[code].status) met += 1;
        }
      }
      expect([code, met]).toEqual([code, expect.any(Number)]);
      expect(met).toBeGreaterThan(0);
    }
  });

  it.each([
    { headers: { 'content-type': 'text/plain' }, body: 'x' },
    { headers: { 'content-type': 'application/json' }, body: '{' },
    { headers: { 'content-type': 'application/json' }, body: `"${'x'.repeat(70_000)}"` },
    { headers: { authorization: 'Basic x' } },
    { headers: { authorization: 'Bearer a b' } },
    { headers: { authorization: '' } },
  ])('of a bad request is documented: %#', async (options) => {
    for (const { path, method, operation } of operations.filter(({ path: each }) => each.startsWith('/api/v1/'))) {
      const { body, headers } = { body: undefined, ...options };
      const extra = method === 'post' && body !== undefined ? { body } : {};
      const answer = await fetch(`${desk.url}${path.replace('{id}', 'wf_00000000000000000000000000')}`, {
        method: method.toUpperCase(),
        headers: { authorization: 'Bearer alice', ...(headers as Record<string, string>) },
        ...extra,
      });
      const seen = { status: answer.status, type: typeOf(answer), body: await answer.json() };
      expect([operation.operationId, undocumented(operation, seen)]).toEqual([operation.operationId, []]);
    }
  });
});

interface Seen {
  status: number;
  type: string;
  body: unknown;
}

/** What an answer has that the document does not tell. */
function undocumented({ responses }: Operation, { status, type, body }: Seen): unknown[] {
  const media = responses[status]?.content[type];
  return media === undefined ? [{ status, type, body }] : wrong(media.schema, body);
}

/** Every kind of body that the operation takes; `undefined` where it takes none. */
function bodiesOf({ requestBody }: Operation): ({ type: string; example: unknown } | undefined)[] {
  if (requestBody === undefined) return [undefined];
  return Object.entries(requestBody.content).map(([type, { example }]) => ({ type, example }));
}

async function sent(
  to: Desk,
  path: string,
  method: string,
  { parameters = [] }: Operation,
  body: { type: string; example: unknown } | undefined,
): Promise<Seen> {
  const given = parameters.filter(({ example, name }) => example !== undefined && name !== 'owner');
  const of = (where: string) =>
    given.filter((each) => each.in === where).map(({ name, example }) => [name, String(example)] as [string, string]);
  const filled = of('path').reduce((url, [name, value]) => url.replace(`{${name}}`, encodeURIComponent(value)), path);
  const query = new URLSearchParams(of('query')).toString();
  const answer = await fetch(`${to.url}${filled}${query === '' ? '' : `?${query}`}`, {
    method: method.toUpperCase(),
    headers: {
      authorization: 'Bearer alice',
      ...Object.fromEntries(of('header')),
      ...(body && { 'content-type': body.type }),
    },
    ...(body && { body: JSON.stringify(body.example) }),
  });
  return { status: answer.status, type: typeOf(answer), body: await answer.json() };
}

function typeOf(answer: Response): string {
  return answer.headers.get('content-type')?.split(';')[0] ?? '';
}
