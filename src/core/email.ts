/** Company addresses: compared so that nothing looks alike by accident (T4). */

const addressPattern = /^[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,253}$/;

/**
 * The address in lower case if it is ASCII and its domain, after the last `@`, is exactly one of `domains`.
 * ASCII is checked before lower-casing: the Kelvin sign lower-cases to an ordinary `k`.
 */
export function companyEmail(address: string | undefined, domains: readonly string[]): string | undefined {
  if (address === undefined || !addressPattern.test(address)) return undefined;
  const lower = address.toLowerCase();
  return domains.includes(lower.slice(lower.lastIndexOf('@') + 1)) ? lower : undefined;
}
