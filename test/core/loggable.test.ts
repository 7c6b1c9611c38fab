import { expect, it } from 'vitest';
import { loggable } from '../../src/core/loggable.ts';

it('P7: of an error the log has names, messages and places, and nothing that it carries', () => {
  const carried = { detail: 'Key (reason)=(hunter2)', config: { headers: { authorization: 'Bearer hunter2' } } };
  const cause = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED', ...carried });
  const logged = loggable(new Error('The store does not answer.', { cause }));
  expect(logged).toMatchObject({
    error: {
      name: 'Error',
      message: 'The store does not answer.',
      at: expect.arrayContaining([expect.stringMatching(/loggable\.test\.ts/)]),
      cause: { message: 'connection refused', code: 'ECONNREFUSED' },
    },
  });
  expect(JSON.stringify(logged)).not.toContain('hunter2');
});

it('causes are followed three deep, and what is no error is not shown', () => {
  const chain = [1, 2, 3, 4, 5].reduce<Error | undefined>(
    (cause, each) => new Error(String(each), { cause }),
    undefined,
  );
  expect(JSON.stringify(loggable(chain)).match(/"message":"\d"/g)).toEqual([
    '"message":"5"',
    '"message":"4"',
    '"message":"3"',
  ]);
  expect(loggable('hunter2')).toEqual({ error: { name: 'string', message: 'not an error' } });
});

it('P7: what a parser could not read is not quoted', () => {
  const parse = () => JSON.parse('hunter2') as unknown;
  expect(parse).toThrow('hunter2');
  try {
    parse();
  } catch (error) {
    expect(JSON.stringify(loggable(error))).not.toContain('hunter2');
  }
});
