/** Where the store is: a file of SQLite, or a PostgreSQL by URL. */

export const storePattern = '^(?:sqlite:[^\\u0000]+|postgres(?:ql)?://[!-~]+)$';

/** What is wrong with a store that fits the pattern. Never quotes it: it may hold a password (P7). */
export function storeProblem(store: string): { message: string; hint: string } | undefined {
  if (store.startsWith('sqlite:')) return undefined;
  const hint = 'postgres://USER:PASSWORD@HOST/DATABASE, in the password %23 for #, %2F for /, %3F for ?, %40 for @';
  const url = URL.parse(store);
  if (url === null || url.hash !== '' || !isDecodable(url)) return { message: 'is not a URL that can be read', hint };
  // A socket is a folder: ?host=/run/postgresql, or in place of a host as %2Frun%2Fpostgresql.
  if (url.hostname === '' && !url.searchParams.get('host')) return { message: 'names no host', hint };
  if (url.pathname.length < 2) return { message: 'names no database', hint };
  return undefined;
}

export function hasPassword(store: string): boolean {
  const url = store.startsWith('sqlite:') ? null : URL.parse(store);
  return url !== null && (url.password !== '' || url.searchParams.has('password'));
}

function isDecodable({ username, password, hostname, pathname }: URL): boolean {
  try {
    [username, password, hostname, pathname].forEach(decodeURIComponent);
    return true;
  } catch {
    return false;
  }
}
