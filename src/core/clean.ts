/** Makes other people's words safe to stand beside ours (T28). */

const breaks = /[\p{Cc}\p{Zl}\p{Zp}]/gu;
/** Bidirectional controls, zero-width characters, fillers, tags, private use: what changes the look of a text unseen. */
const unseen = /[\p{Cf}\p{Co}\p{Default_Ignorable_Code_Point}\u2800]/gu;
const halves = /\p{Cs}/gu;
const spaces = /\s+/gu;

/** One line of visible characters with single spaces between words. Cleaning twice changes nothing. */
export function clean(text: string): string {
  return text.replace(breaks, ' ').replace(unseen, '').replace(halves, '\uFFFD').replace(spaces, ' ').trim();
}

const addressLike = /[@<>()[\]{}"“”„‟]/gu;

/** A person's own name, which must not look as if it held an address or a second person. */
export function cleanName(name: string): string {
  return clean(name.normalize('NFKC').replace(addressLike, ' '));
}

const closingMarks = /[“”„‟]/gu;

/** Free text between quotation marks that it cannot close by itself. Empty text gives an empty string. */
export function quoted(text: string): string {
  const cleaned = clean(text).replace(closingMarks, '"');
  return cleaned === '' ? '' : `“${cleaned}”`;
}
