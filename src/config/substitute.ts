/**
 * `${NAME}` and `${NAME:-default}` in a value. What is put in is never read again: neither as YAML, nor as
 * another variable. `$${` stands for a plain `${`.
 */
export type Environment = Readonly<Record<string, string | undefined>>;

export type Substituted = { text: string; used: boolean } | { problem: string; hint: string };

const reference = /\$\$\{|\$\{(?:(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<fallback>[^}]*))?\})?/g;

/** `used`: some of the text came from a variable, or from the default of one. */
export function substitute(text: string, env: Environment): Substituted {
  let used = false;
  const missing: string[] = [];
  let malformed = false;
  const result = text.replace(reference, (whole: string, name?: string, fallback?: string) => {
    if (whole === '$${') return '${';
    if (name === undefined) {
      malformed = true;
      return '';
    }
    used = true;
    return valueOf(name, fallback, env) ?? (missing.push(name), '');
  });
  if (malformed) {
    return { problem: 'has a ${ that is no variable', hint: 'write ${NAME} or ${NAME:-default}, or $${ for a plain ${' };
  }
  const [first] = missing;
  if (first === undefined) return { text: result, used };
  return {
    problem: `the environment variable ${missing.join(', ')} is not set`,
    hint: `set it, or give a default: \${${first}:-default}`,
  };
}

/** As in a shell: a variable that is set to nothing counts as set, except where there is a default. */
function valueOf(name: string, fallback: string | undefined, env: Environment): string | undefined {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  return fallback === undefined ? value : value || fallback;
}
