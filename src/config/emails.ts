/**
 * A company e-mail in lower case, or `undefined`. ASCII is asked for before lower-casing, since some other
 * letters become ASCII ones by it: U+212A, the Kelvin sign, becomes `k` (T4).
 */
export function asEmail(text: string): string | undefined {
  if (text.length > 254) return undefined;
  return /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}$/.test(text)
    ? text.toLowerCase()
    : undefined;
}

/** What follows the last `@`, for an exact comparison (T4). */
export function domainOf(email: string): string {
  return email.slice(email.lastIndexOf('@') + 1);
}
