/** The contract's own test: a server that keeps it passes, and each deviation is found. */
import { afterEach, describe, expect, it } from 'vitest';
import { runConformanceCommand } from '../../src/client/conformance.ts';
import type { Finding } from '../../src/client/conformance/run.ts';
import type { Typed } from '../../src/client/run.ts';
import { type Fault, type Stub, startStub } from './stub.ts';
import { createWorld } from './world.ts';

const everybody = {
  token: 'token-alice',
  otherToken: 'token-carol',
  approverToken: 'token-bob',
  disabledWorkflow: 'off',
};

let stub: Stub | undefined;
afterEach(() => stub?.stop());

async function conformance(faults: Fault[], options: Typed['options'] = everybody) {
  stub = await startStub({ faults });
  const around = createWorld();
  const typed = { arguments: [stub.url], options };
  const code = await runConformanceCommand({ ...typed, options: { ...options, json: true } }, around.world);
  const findings = JSON.parse(around.out() || '[]') as Finding[];
  const failed = findings.filter(({ result }) => result === 'fail').map(({ call, says }) => `${call} | ${says}`);
  return { code, findings, failed, out: around.out(), err: around.err(), runs: stub.runs, url: stub.url };
}

const fields = [
  'workflow_id',
  'run_id',
  'status',
  'start_time',
  'execution_time',
  'task_queue',
  'user',
  'workflow_type.name',
];

describe('a server that keeps the contract', () => {
  it('passes every row, and is left with nothing open', async () => {
    const { code, findings, err, runs } = await conformance([]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(findings.filter(({ result }) => result !== 'pass')).toEqual([]);
    expect(runs.map(({ status }) => status)).toEqual(['completed', 'terminated', 'canceled']);
  });

  it('is asked for every documented field, message and note', async () => {
    const { findings } = await conformance([]);
    const says = (call: string) => findings.filter((finding) => finding.call === call).map((finding) => finding.says);
    for (const field of fields) {
      expect(says('GET /executions')).toContainEqual(expect.stringMatching(`^${field}: `));
      expect(says('GET /execution/{id}')).toContainEqual(expect.stringMatching(`^${field}: `));
    }
    expect(says('GET /execution/{id}/cancel')).toContain('message: "Workflow cancellation signal sent"');
    expect(says('GET /execution/{id}/terminate')).toContain('message: "Workflow termination signal sent"');
    expect(says('GET /execution/{id}/signal')).toContain('message: "Signal sent successfully"');
    const calls = new Set(findings.map(({ call }) => call));
    expect(calls.size).toBe(6);
    for (const call of calls) expect(says(call)).toContain('requires authentication');
  });

  it('what needs somebody else is not run without them, and does not count as passed', async () => {
    const { code, findings, runs } = await conformance([], { token: 'token-alice' });
    expect(code).toBe(0);
    expect(runs.map(({ status }) => status)).toEqual(['canceled', 'terminated', 'canceled']);
    const open = findings.filter(({ result }) => result === 'not run');
    expect(open.map(({ came }) => came)).toEqual([
      'not run: needs --disabled-workflow',
      'not run: needs --other-token',
      'not run: needs --other-token',
      'not run: needs --other-token',
      ...Array.from({ length: 4 }, () => 'not run: needs --approver-token or --signal-token'),
      'not run: needs --approver-token',
    ]);
    const around = createWorld();
    await runConformanceCommand({ arguments: [stub!.url], options: { token: 'token-alice' } }, around.world);
    expect(around.out()).toContain(`${findings.length} rows: ${findings.length - 9} passed, 0 failed, 9 not run.`);
  });

  it('P7: nor is a token that only the server knew', async () => {
    stub = await startStub();
    const around = createWorld();
    stub.answerOnce('POST /execution', [400, { a: 'eyJhbGciOiJkaXIifQ..c2VjcmV0.c2VjcmV0.c2VjcmV0', b: 1 }]);
    await runConformanceCommand({ arguments: [stub.url], options: everybody }, around.world);
    expect(around.out()).toContain('400 {"a":"…","b":1}');
  });

  it('P7: no token is shown, even if the server says it', async () => {
    stub = await startStub();
    const around = createWorld();
    stub.answerOnce('POST /execution', [400, { title: 'You sent token-alice and token-bob' }]);
    const options = { ...everybody, signalToken: 'a-signal-token' };
    await runConformanceCommand({ arguments: [stub.url], options }, around.world);
    expect(around.out()).toContain('You sent … and …');
    expect(around.out() + around.err()).not.toMatch(/token-alice|token-bob|a-signal-token/);
  });
});

describe('a server that breaks it', () => {
  it.each<[Fault, string[]]>([
    ['message', ['GET /execution/{id}/cancel | message: "Workflow cancellation signal sent"']],
    ['missing-field', ['GET /execution/{id} | execution_time: a duration in ISO 8601']],
    [
      'foreign',
      [
        'GET /execution/{id}/cancel | user must own it: another person is refused',
        'GET /execution/{id}/cancel | it goes on after that',
        'GET /execution/{id}/terminate | user must own it: another person is refused',
        'GET /execution/{id}/signal | user must own it: another person is refused',
      ],
    ],
    [
      'upper-case',
      [
        'GET /executions | status: "running"',
        'GET /execution/{id} | status: "running"',
        'GET /execution/{id}/cancel | then it ends, and says so',
      ],
    ],
    ['open', ['GET /executions | requires authentication']],
    [
      'any-input',
      [
        'POST /execution | input is validated: a role that is a number',
        'POST /execution | input is validated: no input',
      ],
    ],
    [
      'any-signal',
      [
        'GET /execution/{id}/signal | input must be an encrypted signal: garbage is refused',
        'GET /execution/{id}/signal | input is validated: one changed letter is refused',
      ],
    ],
    ['lists-closed', ['GET /execution/{id}/cancel | then it is not in GET /executions']],
    ['other-time', ['GET /execution/{id} | says the same as the list']],
    ['no-post', ['POST /execution | workflow_id: an id', 'POST /execution | status: "running"']],
  ])('%s is found, and ends with 1', async (fault, rows) => {
    const { code, failed, err } = await conformance([fault]);
    expect(code).toBe(1);
    expect(failed).toEqual(expect.arrayContaining(rows));
    expect(err).toContain('The contract does not hold.');
  });

  it('in several ways at once, each has its own row', async () => {
    const { code, failed } = await conformance(['message', 'missing-field', 'foreign', 'upper-case']);
    expect(code).toBe(1);
    expect(failed.length).toBeGreaterThan(8);
  });

  it('one that creates nothing passes none of the rows that need an execution', async () => {
    const { findings } = await conformance(['no-post']);
    const ending = findings.filter(({ call }) => /cancel|terminate/.test(call));
    expect(ending.length).toBeGreaterThan(10);
    expect(new Set(ending.map(({ result }) => result))).toEqual(new Set(['not run']));
  });

  it('one that is not there fails, and does not end in an exception', async () => {
    const around = createWorld();
    const options = { token: 'token-alice', input: '{"role":"admin"}' };
    const code = await runConformanceCommand({ arguments: ['http://127.0.0.1:9'], options }, around.world);
    expect(code).toBe(1);
    expect(around.out()).toContain('could not be reached');
  });
});

describe('how it is called', () => {
  it.each<[string, Typed['options'], string]>([
    ['http://elevate.example.com', { token: 'a' }, 'plain http'],
    ['http://127.0.0.1:9', { token: 'a', input: '[]' }, '--input is not a JSON object'],
    ['http://127.0.0.1:9', { token: 'token-alice' }, 'GET /roles: 127.0.0.1:9 could not be reached'],
    ['http://127.0.0.1:9', { token: 'token-alice' }, 'Say what to ask for'],
    ['http://127.0.0.1:9', { token: 'a\nb' }, 'no token has'],
  ])('%s %j is wrong usage', async (url, options, sentence) => {
    const around = createWorld();
    expect(await runConformanceCommand({ arguments: [url], options }, around.world)).toBe(2);
    expect(around.err()).toContain(sentence);
  });

  it('a signal token that is given is sent to the execution that it is for', async () => {
    stub = await startStub();
    stub.open('wf_given');
    const around = createWorld();
    const options = {
      token: 'token-alice',
      signalToken: 'approve.wf_given',
      signalExecution: 'wf_given',
      json: true,
    } as const;
    await runConformanceCommand({ arguments: [stub.url], options }, around.world);
    const findings = JSON.parse(around.out()) as Finding[];
    const row = findings.find(({ says }) => says === 'workflow_id: the one signalled');
    expect(row).toMatchObject({ result: 'pass', came: '"wf_given"' });
  });
});
