/**
 * Measures side by side with the ceiling in one run: medians and ratios.
 * `npm run bench -- [tokens] [acks] [api] [--chats slack,teams] [--count 500] [--sizes 1000,10000,50000] [--check]`; with
 * `--check` it exits 1 if anything that was measured is over its budget.
 */
import { parseArgs } from 'node:util';
import { benchAcks, chats, type ChatName } from './acks.ts';
import { benchApi } from './api.ts';
import { judge, type Measurement } from './measure/budgets.ts';
import { benchTokens } from './tokens.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean', default: false },
    chats: { type: 'string', default: Object.keys(chats).join(',') },
    count: { type: 'string', default: '500' },
    sizes: { type: 'string', default: '1000,10000,50000' },
  },
});
const sizes = values.sizes.split(',').map(Number);
const benches: Record<string, () => Promise<Measurement[]>> = {
  tokens: benchTokens,
  acks: () => benchAcks({ names: values.chats.split(',').map(chatNamed), count: Number(values.count) }),
  api: () => benchApi({ sizes }),
};
const unknown = positionals.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) throw new Error(`There is no bench ${unknown.join(', ')}: ${Object.keys(benches).join(', ')}.`);

// So that what was started is taken along by whoever stops this early.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const measured: Measurement[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  console.info(`\n${name}`);
  measured.push(...(await bench()));
}
if (values.check && judge(measured) > 0) process.exitCode = 1;

function chatNamed(name: string): ChatName {
  if (Object.hasOwn(chats, name)) return name as ChatName;
  throw new Error(`There is no chat ${name}: ${Object.keys(chats).join(', ')}.`);
}
