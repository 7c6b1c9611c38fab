/** Measures side by side with the ceiling in one run: medians and ratios. `npm run bench [tokens|acks]`. */
import { benchAcks } from './acks.ts';
import { benchTokens } from './tokens.ts';

const benches: Record<string, () => Promise<void>> = { tokens: benchTokens, acks: benchAcks };
const wanted = process.argv.slice(2);

for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.info(`\n${name}`);
  await bench();
}
