#!/usr/bin/env node
/**
 * The commands. Each loads what it needs when it is asked for: `dev` so that nothing embedded is ever near `start`, the
 * others so that a list does not wait for a server's parts.
 */
import { Argument, Command, Option } from 'commander';
import type { Config } from './config/config.ts';
import { ConfigError, printMistake } from './config/mistakes.ts';
import { configPath } from './config/path.ts';
import { newKey } from './config/keys.ts';
import * as usage from './client/usage.ts';
import { exit } from './client/client-error.ts';
import { ElevateError } from './core/errors.ts';
import type { Said } from './manifests/run.ts';

const program = new Command('elevate').description('Temporary access, approved in chat, granted and taken back.');

program
  .command('start')
  .description('run server and worker')
  .option('-c, --config <path>', 'the configuration (default: $ELEVATE_CONFIG or ./elevate.yaml)')
  .action(async ({ config }: { config?: string }) => {
    const load = await loaderOf(config);
    const { runUntilStopped } = await import('./run.ts');
    await runUntilStopped(load);
  });

program
  .command('dev')
  .description('try Elevate on this machine: Temporal, Slack and Teams are embedded, and nothing real is granted')
  .option('-c, --config <path>', 'the configuration (default: ./elevate.yaml)')
  .addOption(
    new Option('--story [chat]', 'play one request from asking to its end, check every step, and exit')
      .choices(['slack', 'teams'])
      .preset('slack'),
  )
  .action(async ({ config, story }: { config?: string; story?: 'slack' | 'teams' }) => {
    const { runDev } = await import('./dev/dev.ts');
    process.exitCode = await runDev({ config: configPath(config), story });
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

program
  .command('manifest')
  .description('write what a chat has to know of the app: slack.json, or teams.zip with what is in it')
  .addArgument(new Argument('<chat>', 'the chat').choices(['slack', 'teams']))
  .option('-c, --config <path>', 'read for what no option says (default: $ELEVATE_CONFIG or ./elevate.yaml)')
  .option('--url <url>', 'where the chat reaches Elevate (default: server.public_url)')
  .option('--app-id <guid>', 'of the bot in Teams (default: teams.app_id)')
  .option('--out <folder>', 'where to write', 'manifests')
  .option('--slash', 'offer the commands behind / in Teams too, where it has them')
  .option('--no-slash', 'offer them after a mention alone, as every Teams has it (default)')
  .option('--check', 'write nothing; fail and say what is different if it is not what is there')
  .action(async (chat: 'slack' | 'teams', { config, ...said }: { config?: string } & Said) => {
    const { runManifest } = await import('./manifests/run.ts');
    const load = async () => (await loaderOf(config))();
    for (const line of await runManifest(chat, said, load)) console.info(line);
  });

const config = program.command('config').description('the configuration');
config
  .command('check')
  .description('report every mistake with file, line and a hint')
  .argument('[path]', 'the file (default: $ELEVATE_CONFIG or ./elevate.yaml)')
  .action(async (path?: string) => {
    const load = await loaderOf(path);
    load();
    console.info('The configuration is fine.');
  });
config
  .command('schema')
  .description('print the JSON Schema of elevate.yaml, for editors')
  .action(async () => {
    const { configJsonSchema } = await import('./config/json-schema.ts');
    console.info(JSON.stringify(configJsonSchema(), null, 2));
  });

program.addHelpText('after', usage.exitCodesText);
const index = program.command('index').description('the table that lists are read from (operators)');
for (const verb of usage.verbs) {
  const command = overApi(verb === 'rebuild' ? index : program, usage.usages[verb], usage.commonOptions);
  command.action(async () => {
    const { runCommand } = await import('./client/run.ts');
    process.exitCode = await runCommand(verb, { arguments: command.args, options: command.opts() });
  });
}

const login = overApi(program, usage.loginUsage);
login.action(async () => {
  const { runLogin } = await import('./client/run.ts');
  process.exitCode = await runLogin({ arguments: [], options: login.opts() });
});

const logout = overApi(program, usage.logoutUsage);
logout.action(async () => {
  const { runLogout } = await import('./client/run.ts');
  process.exitCode = await runLogout({ arguments: [], options: logout.opts() });
});

const conformance = overApi(program, usage.conformanceUsage);
conformance.action(async () => {
  const { runConformanceCommand } = await import('./client/conformance.ts');
  process.exitCode = await runConformanceCommand({ arguments: conformance.args, options: conformance.opts() });
});

/** A command that speaks to a server: with the exit codes that its help lists. */
function overApi(parent: Command, { typed, does, options }: usage.Usage, common: usage.Usage['options'] = []): Command {
  const command = parent.command(typed).description(does).helpGroup('Over the API of a server:');
  for (const [flags, meaning] of [...options, ...common]) command.option(flags, meaning);
  return command
    .addHelpText('after', usage.exitCodesText)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : exit.usage));
}

/** Reads the configuration whenever it is called, telling warnings. What that takes, only few commands need. */
async function loaderOf(path: string | undefined): Promise<() => Config> {
  const { loadConfig } = await import('./config/load.ts');
  const file = configPath(path);
  return () => {
    const { config: read, warnings } = loadConfig({ path: file });
    for (const warning of warnings) console.warn(`warning: ${printMistake(warning)}`);
    return read;
  };
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ElevateError) && !(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
