/**
 * Regular expressions from the configuration run on what people type, in the process that everyone waits
 * for. A pattern that could take for ever on some text is refused; what is left is plain, and enough for
 * ticket numbers.
 */
const maxLength = 200;
/** Stands for `*` and `+`, and for the places where a match may begin: the longest reason that is taken. */
const manyTimes = 2_000;
/** Two unlimited ones and a little more; some tenths of a second at the very worst. */
const maxWays = 64_000_000;

const tokens = /\\k<|\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]|<[^>]*>))?|\{[^}]*\}\??|[*+?]\??|[^]/gu;

/** What is wrong with a pattern, as the end of a sentence; `undefined` if it may be used (with the `u` flag). */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > maxLength) return `is longer than ${maxLength} characters`;
  try {
    new RegExp(pattern, 'u');
  } catch {
    return 'is not a valid regular expression';
  }
  const { nested, back, ways } = shapeOf(pattern);
  if (nested) return 'repeats a group that itself repeats or chooses, which can take for ever';
  if (back) return 'refers back to a group, which can take for ever';
  if (ways > maxWays) return 'has so many repetitions that it can take for ever; begin it with ^, or use {1,9} for +';
  return undefined;
}

/** Reads a valid pattern once, from left to right. `ways`: an upper bound of how a text can be laid over it. */
function shapeOf(pattern: string): { nested: boolean; back: boolean; ways: number } {
  const shape = { nested: false, back: false, ways: pattern.startsWith('^') ? 1 : manyTimes };
  // Whether there are several ways to match: of the whole, then of each group that is open here.
  const groups = [false];
  let closed = false;
  for (const [token] of pattern.matchAll(tokens)) {
    const ways = waysOf(token);
    shape.ways *= ways;
    if (token === '|' && groups.length === 1 && pattern.startsWith('^')) shape.ways *= manyTimes;
    if (closed && /^[*+{]/.test(token)) shape.nested = true;
    if (/^\\(?:[1-9]|k<)/.test(token)) shape.back = true;
    if (token.startsWith('(')) groups.push(false);
    closed = token === ')' && groups.pop() === true;
    if (closed || ways > 1) groups[groups.length - 1] = true;
  }
  return shape;
}

function waysOf(token: string): number {
  if (token === '|' || token.startsWith('?')) return 2;
  if (/^[*+]/.test(token)) return manyTimes;
  const range = /^\{(\d+)(,)?(\d+)?\}/.exec(token);
  if (range === null || range[2] === undefined) return 1;
  return range[3] === undefined ? manyTimes : Number(range[3]) - Number(range[1]) + 1;
}
