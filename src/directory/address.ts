/** Lower case, of ASCII only: otherwise two addresses could become one (T4). */
export function exactAddress(email: string): string | undefined {
  return /^[\x21-\x7e]{3,254}$/.test(email) ? email.toLowerCase() : undefined;
}
