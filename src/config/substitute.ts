/**
 * `${NAME}` and `${NAME:-default}` in a value. What is put in is never read again: neither as YAML, nor as
 * another variable. `$${` stands for a plain `${`.
 */
export type Environment = Readonly<Record<string, string | undefined>>;

export type Substituted = { text: string; fromEnvironment: boolean } | { problem: string; hint: string };

const reference = /\$\$\{|\$\{(?:(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<fallback>[^}]*))?\})?/g;

/** `fromEnvironment`: some of the text came from a variable, not from the default of one. */
export function substitute(text: string, env: Environment): Substituted {
  let fromEnvironment = false;
  const missing: string[] = [];
  let malformed = false;
  const result = text.replace(reference, (whole: string, name?: string, fallback?: string) => {
    if (whole === '$${') return '${';
    if (name === undefined) {
      malformed = true;
      return '';
    }
    const value = valueOf(name, env);
    // As in a shell: a variable that is set to nothing counts as set, except where there is a default.
    if (value === undefined && fallback === undefined) missing.push(name);
    if (value) fromEnvironment = true;
    return value || (fallback ?? '');
  });
  if (malformed) {
    return {
      problem: 'has a ${ that is no variable',
      hint: 'write ${NAME} or ${NAME:-default}, or $${ for a plain ${',
    };
  }
  const [first] = missing;
  if (first === undefined) return { text: result, fromEnvironment };
  return {
    problem: `the environment variable ${missing.join(', ')} is not set`,
    hint: `set it, or give a default: \${${first}:-default}`,
  };
}

function valueOf(name: string, env: Environment): string | undefined {
  return Object.hasOwn(env, name) ? env[name] : undefined;
}
