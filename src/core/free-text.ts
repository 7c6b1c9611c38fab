import { clean } from './clean.ts';

/**
 * What a person wrote, as one line that can hide nothing (T28): control characters and line breaks become spaces,
 * bidi and zero-width characters go, spaces collapse, and letters have one spelling (NFC). Cleaning twice changes nothing.
 */
export function cleanFreeText(text: string): string {
  return clean(text).normalize('NFC');
}
