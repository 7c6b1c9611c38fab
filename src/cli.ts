#!/usr/bin/env node
/** The commands. `dev` is loaded only when it is asked for: nothing embedded is ever near `start`. */
import { Command } from 'commander';
import { type Loaded, loadConfig } from './config/load.ts';
import { ConfigError, printMistake } from './config/mistakes.ts';
import { configPath } from './config/path.ts';
import { configJsonSchema } from './config/json-schema.ts';
import { newKey } from './config/keys.ts';
import { ElevateError } from './core/errors.ts';

const program = new Command('elevate').description('Temporary access, approved in chat, granted and taken back.');

program
  .command('start')
  .description('run server and worker')
  .option('-c, --config <path>', 'the configuration (default: $ELEVATE_CONFIG or ./elevate.yaml)')
  .action(async ({ config }: { config?: string }) => {
    const loaded = load(config);
    const { runUntilStopped } = await import('./run.ts');
    await runUntilStopped(loaded.config);
  });

program
  .command('dev')
  .description('try Elevate on this machine: Temporal and Slack are embedded, and nothing real is granted')
  .option('-c, --config <path>', 'the configuration (default: ./elevate.yaml)')
  .option('--story', 'play one request from asking to its end, check every step, and exit')
  .action(async ({ config, story }: { config?: string; story?: true }) => {
    const { runDev } = await import('./dev/dev.ts');
    process.exitCode = await runDev({ config: configPath(config), story: story ?? false });
  });

const keys = program.command('keys').description('the keys in ELEVATE_KEYS');
keys
  .command('new')
  .description('print a new key')
  .action(() => console.info(newKey()));
keys
  .command('rotate')
  .description('print ELEVATE_KEYS with a new key in front; drop the last once nothing made with it is open')
  .argument('<keys>', 'the keys as they are now, comma-separated')
  // A key may begin with a hyphen, which makes it no option.
  .allowUnknownOption()
  .action((current: string) => console.info(`${newKey()},${current}`));

const config = program.command('config').description('the configuration');
config
  .command('check')
  .description('report every mistake with file, line and a hint')
  .argument('[path]', 'the file (default: $ELEVATE_CONFIG or ./elevate.yaml)')
  .action((path?: string) => {
    load(path);
    console.info('The configuration is fine.');
  });
config
  .command('schema')
  .description('print the JSON Schema of elevate.yaml, for editors')
  .action(() => console.info(JSON.stringify(configJsonSchema(), null, 2)));

/** Loads the configuration, telling warnings. */
function load(path: string | undefined): Loaded {
  const file = configPath(path);
  const loaded = loadConfig({ path: file });
  for (const warning of loaded.warnings) console.warn(`warning: ${printMistake(file, warning)}`);
  return loaded;
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ElevateError) && !(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
