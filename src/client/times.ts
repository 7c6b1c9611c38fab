/** Times as people at a terminal read them. */
import { utc } from '../core/words.ts';

/**
 * `2026-11-25 15:02 CET (14:02 UTC)`; just the UTC time where that is the zone. The UTC day is named where it is another.
 *
 * @param zone IANA name; left out, the one of this machine
 */
export function timeWords(ms: number | undefined, zone?: string): string {
  if (ms === undefined) return '';
  const universal = utc(ms);
  const local = localParts(ms, zone);
  if (local === undefined || local.name === 'UTC') return universal;
  const sameDay = universal.startsWith(local.day);
  return `${local.day} ${local.clock} ${local.name} (${sameDay ? universal.slice(local.day.length + 1) : universal})`;
}

function localParts(ms: number, zone: string | undefined) {
  if (Number.isNaN(new Date(ms).getTime())) return undefined;
  const format = new Intl.DateTimeFormat('en-GB', {
    ...(zone === undefined ? {} : { timeZone: zone }),
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
  return {
    day: `${part('year')}-${part('month')}-${part('day')}`,
    clock: `${part('hour')}:${part('minute')}`,
    name: part('timeZoneName'),
  };
}
