import { describe, expect, it } from 'vitest';
import { readSource } from '../../src/config/source.ts';

const files: Record<string, string> = {
  '/run/one': 'one\n',
  two: 'two\r\n',
  lines: 'a\nb\n\n',
  empty: '',
  yaml: '[${NAME}]',
};
const readFile = (path: string) =>
  Object.hasOwn(files, path) ? { text: files[path] ?? '' } : { problem: 'cannot be read (ENOENT)' };
const read = (text: string, env: Record<string, string> = {}) => readSource(text, { env, readFile });
const messages = (text: string, env?: Record<string, string>) => read(text, env).findings.map(({ message }) => message);

describe('variables', () => {
  const env = { NAME: 'value', EMPTY: '', YAML: '[a, b]: {c: 1}\n- d', NESTED: '${NAME}', MANY: '$& $1 $$' };

  it.each([
    ['a: ${NAME}', 'value'],
    ['a: "x-${NAME}-${NAME}"', 'x-value-value'],
    ['a: ${MISSING:-other}', 'other'],
    ['a: "${MISSING:-}"', ''],
    ['a: "${MISSING:-a:-b c}"', 'a:-b c'],
    ['a: ${NAME:-other}', 'value'],
    ['a: ${EMPTY:-other}', 'other'],
    ['a: ${EMPTY}', ''],
    ['a: $NAME ${NAME}', '$NAME value'],
    ['a: $${NAME}', '${NAME}'],
    ['a: "$"', '$'],
    ["a: '${NAME}'", 'value'],
    ['a: |-\n  ${NAME}\n  x', 'value\nx'],
    ['a: ${MANY}', '$& $1 $$'],
  ])('%j is %j', (text, value) => {
    expect(read(text, env)).toMatchObject({ value: { a: value }, findings: [] });
  });

  it('what is put in stays text, whatever YAML would make of it', () => {
    for (const value of [env.YAML, 'true', '5', 'null', '*alias', '!!set', '# none', 'x: y', ''])
      expect(read('a: ${X}\nb: 1', { X: value }).value).toEqual({ a: value, b: 1 });
  });

  it('what is put in is not looked at again', () => {
    expect(read('a: ${NESTED}', env).value).toEqual({ a: '${NAME}' });
  });

  it('keys and comments are not touched', () => {
    expect(read('${NAME}: 1 # ${MISSING}', env)).toMatchObject({ value: { '${NAME}': 1 }, findings: [] });
  });

  it('a variable that is not set is a mistake with its place, however it is used', () => {
    const { findings } = read('a:\n  - ok\n  - b: "x ${MISSING} ${NAME} ${ALSO}"', env);
    expect(findings).toMatchObject([{ path: ['a', 1, 'b'], position: { line: 3, column: 8 } }]);
    expect(findings[0]?.message).toBe('the environment variable MISSING, ALSO is not set');
    expect(messages('a: ${toString}${__proto__}')).toEqual(['the environment variable toString, __proto__ is not set']);
  });

  it.each(['${', '${}', '${1A}', '${A B}', '${A:default}', '${file:}', '${file:x', '${A-b}'])(
    '%s is a mistake, not text',
    (text) => expect(messages(`a: "${text}"`, { A: 'a' })).toEqual(['has a ${ that is no variable']),
  );

  it('knows what came from the environment, through an alias too', () => {
    const source = read('a: &x ${NAME}\nb: *x\nc: plain\nd: ${MISSING:-plain}\ne: ${MISSING}', env);
    expect(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => source.origin([key]))).toEqual([
      'outside',
      'outside',
      'file',
      'file',
      'unset',
      undefined,
    ]);
  });
});

describe('files in values', () => {
  it.each([
    ['a: ${file:/run/one}', 'one'],
    ['a: "${file:/run/one}-${file:two}-${NAME}"', 'one-two-value'],
    ['a: ${file:lines}', 'a\nb\n'],
    ['a: "x${file:empty}"', 'x'],
    ['a: $${file:two}', '${file:two}'],
    ['a: ${file:yaml}', '[${NAME}]'],
    ['a: ${file:-a variable called file}', 'a variable called file'],
  ])('%j is %j', (text, value) => {
    expect(read(text, { NAME: 'value' })).toMatchObject({ value: { a: value }, findings: [] });
  });

  it('P7: count as from outside, as variables do', () => {
    const source = read('a: ${file:two}\nb: "x${file:empty}"\nc: ${file:none}');
    expect(['a', 'b', 'c'].map((key) => source.origin([key]))).toEqual(['outside', 'file', 'unset']);
  });

  it('one that cannot be read is a mistake with its place, which names the path', () => {
    const { findings } = read('a:\n  - x\n  - "${file:two} ${file:/run/none} ${file:b\\u202e\\u001b}"');
    expect(findings).toMatchObject([{ path: ['a', 1], position: { line: 3, column: 5 } }]);
    expect(findings[0]?.message).toBe(
      'the file "/run/none" cannot be read (ENOENT); the file "b??" cannot be read (ENOENT)',
    );
  });
});

describe('text that is no configuration', () => {
  it.each([
    ['a: 1\nb: 2\na: 3', 3, 'this key is written twice'],
    ['a: 1\n--- \nb: 2', 2, 'a second document begins here'],
    ['%YAML 1.1\n---\na: yes', 1, 'only YAML 1.2 is read'],
    ['a: 1\n\tb: 2', 2, 'is not valid YAML'],
    ['a:\n - !!js/function x', 2, 'Unresolved tag'],
    ['a:\n - !!binary aGVsbG8=', 2, 'Unresolved tag'],
    ['a:\n - !!set {x}', 2, 'Unresolved tag'],
    ['a:\n  ? [b]\n  : c', 2, 'all keys must be strings'],
    ['a: x\nb: *c', 2, 'an anchor that is not there'],
    ['x: 1\na: &a [*a]', 2, 'refers to itself'],
    [`x: 1\na: ${'['.repeat(200)}${']'.repeat(200)}`, 2, 'is nested too deeply'],
  ])('%j is refused at line %i', (text, line, says) => {
    const [finding] = read(text).findings;
    expect(finding?.message).toContain(says);
    expect(finding?.position?.line).toBe(line);
  });

  it.each(['[', '{a: ', '- ', '? ', 'a: {'])('20,000 times %j does no harm', (opening) => {
    expect(read(opening.repeat(20_000)).value).toBeUndefined();
  });

  it('aliases that multiply are refused before they are followed', () => {
    const bomb = ['a0: &a0 [x, x]'];
    for (let n = 1; n < 30; n++) bomb.push(`a${n}: &a${n} [*a${n - 1}, *a${n - 1}]`);
    expect(messages(bomb.join('\n'))).toEqual(['the aliases of this file repeat too much']);
    expect(messages(`a: &a 1\nb: [${'*a, '.repeat(5_000)}]`)).toEqual(['the aliases of this file repeat too much']);
  });

  it('a merge key is a key like any other, so that nothing gets in unseen', () => {
    expect(read('a: &a {x: 1}\nb: {<<: *a}').value).toEqual({ a: { x: 1 }, b: { '<<': { x: 1 } } });
  });

  it('a few aliases are fine', () => {
    expect(read('a: &a [x]\nb: *a\nc: *a')).toMatchObject({ value: { a: ['x'], b: ['x'], c: ['x'] }, findings: [] });
  });

  it('a text over 1 MiB is refused, one below is read', () => {
    expect(messages(`a: 1 # ${'x'.repeat(1024 * 1024)}`)).toEqual(['is larger than 1 MiB']);
    expect(messages(`a: 1 # ${'\u00e9'.repeat(600_000)}`)).toEqual(['is larger than 1 MiB']);
    expect(messages(`a: 1 # ${'x'.repeat(1_000_000)}`)).toEqual([]);
  });

  it('P7: what is wrong with the syntax does not quote the file', () => {
    for (const text of [
      'token: "xoxb-1" xoxb-2',
      'token: |xoxb-2\n  a',
      "token: 'xoxb-2\n",
      'token: @xoxb-2',
      ']xoxb-2',
    ])
      for (const { message, hint } of read(text).findings) expect(`${message} ${hint}`).not.toContain('xoxb');
  });
});

describe('places', () => {
  const source = read('a:\n  b: 1\n  c:\n    - d\n    - e: [x, yy]\n"q": {}\nz:');
  it.each([
    [['a'], 1, 1],
    [['a', 'b'], 2, 6],
    [['a', 'c'], 3, 3],
    [['a', 'c', 0], 4, 7],
    [['a', 'c', 1, 'e', 1], 5, 14],
    [['a', 'missing', 'deeper'], 1, 1],
    [['q'], 6, 1],
    [['z'], 7, 1],
    [[], 1, 1],
  ])('%j is at %i:%i', (path, line, column) => {
    expect(source.position(path)).toEqual({ line, column });
  });
});
