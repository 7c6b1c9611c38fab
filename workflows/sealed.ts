/** Telling what our codec opened from everything else that may arrive (T23). */
import type { Unsealed } from './contract.ts';

/** False for a payload that did not open here, and for none at all: no argument never reaches the codec. */
export function isSealed<T extends object>(value: T | Unsealed | undefined): value is T {
  return typeof value === 'object' && value !== null && !('unsealed' in value);
}
