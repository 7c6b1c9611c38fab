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

/** Of a host name as `URL` gives it, which writes every spelling of an IPv4 address in the one usual way. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
