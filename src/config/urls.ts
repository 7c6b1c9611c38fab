/** With a slash at its end, so that names can be put behind it. */
export function folder(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}
