/** Addresses that we call, or that lead to us (T27). */

/** What is wrong with a URL, as the end of a sentence. Never quotes it: it may carry a secret. */
export function urlProblem(text: string): string | undefined {
  const url = /^https?:\/\/[!-~]+$/i.test(text) ? URL.parse(text) : null;
  if (url === null) return 'is not a URL that begins with https://';
  if (url.username !== '' || url.password !== '') return 'has a user name or password in it';
  if (text.includes('#')) return 'has a fragment (#) in it';
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) return 'is plain http to another machine';
  return undefined;
}

/** Whether a URL may be called and its host is one of these, which are exact, or `*.example.com` for whatever is below. */
export function isUrlAt(text: string, hosts: readonly string[]): boolean {
  const url = urlProblem(text) === undefined ? URL.parse(text) : null;
  if (url === null) return false;
  const { hostname } = url;
  return hosts.some((host) => (host.startsWith('*.') ? isBelow(hostname, host.slice(1)) : hostname === host));
}

function isBelow(hostname: string, domain: string): boolean {
  return hostname.endsWith(domain) && hostname.length > domain.length;
}

/** Of a host name as `URL` gives it, which writes every spelling of an IPv4 address in the one usual way. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
