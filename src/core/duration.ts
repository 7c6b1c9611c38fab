/**
 * Lengths of time as people write and read them. Strict, since a length that is guessed is access that is
 * guessed: what does not fit the grammar as a whole is no duration.
 */
import { parse } from 'tinyduration';

const unitMs = { weeks: 604_800_000, days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1000 };
type Unit = keyof typeof unitMs;
const units = Object.keys(unitMs) as Unit[];

// Whole numbers, largest unit first, each at most once.
const plain = new RegExp(
  '^' +
    part('weeks', 'w(?:eeks?)?') +
    part('days', 'd(?:ays?)?') +
    part('hours', 'h(?:ours?|rs?)?') +
    part('minutes', 'm(?:in(?:ute)?s?)?') +
    part('seconds', 's(?:ec(?:ond)?s?)?') +
    '$',
  'i',
);

// No years or months: their length depends on the date. tinyduration does not look at the whole string; this does.
const iso = /^P(?:\d{1,6}W|(?:\d{1,6}D)?(?:T(?=\d)(?:\d{1,6}H)?(?:\d{1,6}M)?(?:\d{1,6}S)?)?)$/;

function part(name: Unit, spellings: string): string {
  return `(?: ?(?<${name}>\\d{1,6}) ?(?:${spellings}))?`;
}

/**
 * Milliseconds of `1h30m`, `90 min`, `2 hours`, `1 day 4h` or ISO 8601 (`PT1H30M`, `P1D`, `P2W`).
 * `undefined` for anything else, and for nothing at all (`0m`). Case does not matter, except in ISO 8601.
 */
export function parseDuration(text: string): number | undefined {
  if (text.length > 60 || text.startsWith(' ')) return undefined;
  const ms = iso.test(text) ? isoMs(text) : plainMs(text);
  return ms === 0 ? undefined : ms;
}

function isoMs(text: string): number | undefined {
  return text === 'P' ? undefined : sum(parse(text));
}

function plainMs(text: string): number | undefined {
  const groups = plain.exec(text)?.groups;
  return groups && sum(groups);
}

function sum(amounts: { readonly [unit in Unit]?: number | string | undefined }): number {
  return units.reduce((total, unit) => total + Number(amounts[unit] ?? 0) * unitMs[unit], 0);
}

/** The same in the shortest plain form: `1h30m`, `2d`, `45s`. Rounded to whole seconds; under one, `0s`. */
export function formatDuration(ms: number): string {
  let rest = Math.max(0, Math.round(ms / 1000)) * 1000;
  let text = '';
  for (const unit of units) {
    if (unit === 'weeks') continue;
    const amount = Math.floor(rest / unitMs[unit]);
    rest -= amount * unitMs[unit];
    if (amount > 0) text += `${amount}${unit[0]}`;
  }
  return text === '' ? '0s' : text;
}
