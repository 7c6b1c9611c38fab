/** Times and lengths of time as the API writes them. */

/** RFC 3339, UTC. */
export function isoTime(time: number): string {
  return new Date(time).toISOString();
}

const units = [
  { letter: 'D', ms: 86_400_000 },
  { letter: 'H', ms: 3_600_000 },
  { letter: 'M', ms: 60_000 },
  { letter: 'S', ms: 1_000 },
];

/** ISO 8601 in whole seconds, rounded down: `PT5M`, `P1DT2H`, `PT0S`. */
export function isoDuration(ms: number): string {
  let rest = Math.max(0, ms);
  const [days = '', ...times] = units.map(({ letter, ms: size }) => {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    return amount === 0 ? '' : `${amount}${letter}`;
  });
  const time = times.join('');
  if (days === '' && time === '') return 'PT0S';
  return `P${days}${time === '' ? '' : `T${time}`}`;
}
