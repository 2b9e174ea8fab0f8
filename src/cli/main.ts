#!/usr/bin/env node
/** The command line: names the commands, and loads the one that is asked for. */
import { Command, CommanderError, Option } from 'commander';
import { AppError } from '../protocol/errors.js';
import { METHOD_NAMES, METHODS } from '../protocol/methods/methods.js';
import { settingsOf } from '../protocol/methods/settings-table.js';
import { slipwayHome } from '../store/home.js';
import { sweepLeftovers } from '../store/leftovers.js';
import { packageVersion } from '../store/package.js';
import { guardTerminal } from './printable.js';
import { ROW_OPTIONS } from './row-options.js';
import { showError } from './show-error.js';

guardTerminal(process.stdout);
guardTerminal(process.stderr);

const program = new Command('slipway')
  .description('Own an open-weight model: run it, tune it, and know whether to ship it.')
  .version(packageVersion())
  .showHelpAfterError('(add --help to see its options)')
  .showSuggestionAfterError()
  .exitOverride()
  .hook('preAction', () => sweepLeftovers(slipwayHome()));

const SET_HELP = 'change a setting of the recipe, such as lora.r=8 (may be repeated); the settings are listed below';
/** What `--set` takes, by method: `slipway plan RECIPE` has each with its value and the reason. */
const settingsHelp = () =>
  METHOD_NAMES.map((method) => {
    const names = settingsOf(METHODS[method].settings).map(({ path }) => path);
    return `\nSettings of ${method}, each with its value and reason in \`slipway plan RECIPE\`:\n${wrapped(names.join(', '))}`;
  }).join('');
const wrapped = (text: string) => text.replace(/(.{1,76})(?:\s+|$)/g, '  $1\n').trimEnd();
const collect = (value: string, earlier: string[]) => [...earlier, value];
const withRowOptions = (command: Command) => ROW_OPTIONS.reduce((one, [flags, help]) => one.option(flags, help), command);
const example = (...lines: string[]) => `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;

program
  .command('go <recipe>')
  .description('from a recipe to a verdict: fetch, check, tune, serve, measure, judge; run it again to resume')
  .option('--set <name=value>', SET_HELP, collect, [])
  .addHelpText('after', settingsHelp)
  .option('--seed <n>', 'seed of generated rows and of training')
  .option('--offline', 'make no network request; what is not cached is an error')
  .option('--fresh', 'ignore earlier runs and start a new one')
  .option('--exit-code', 'exit with 10 for skip and 11 for hold; 0 is ship')
  .option('--no-serve', 'exit after the verdict instead of serving its page until Ctrl-C')
  .option('--port <n>', 'port of the page; 0 takes a free one', '0')
  .option('--json', 'print the result as JSON and exit; progress goes to stderr')
  .addHelpText(
    'after',
    example('slipway go recipes/quickstart.yaml', 'slipway go recipes/quickstart.yaml --set lora.r=8 --seed 3 --offline --no-serve'),
  )
  .action(async (recipe, options) => (await import('./commands/go.js')).goCommand(recipe, options));

withRowOptions(program.command('new <file>').description('write a recipe and a gate for a data file of your own'))
  .option('--group <column>', 'column that groups rows, such as patient_id: a group stays in one split and counts as one')
  .option('--no-group', 'treat rows as independent although an id column repeats')
  .option('--name <name>', 'write NAME.yaml and NAME.gate.yaml (default: the name of the file)')
  .option('--model <id>', 'the model to tune', 'smollm2-135m-instruct')
  .addOption(new Option('--method <name>', 'training method (default for pairs: dpo; reward trains a reward model)').choices(METHOD_NAMES))
  .option('--allow-near-duplicates', 'write into the recipe that rows of two splits may differ in digits or punctuation alone')
  .option('--force', 'overwrite existing files')
  .option('--json', 'print the findings as JSON')
  .addHelpText(
    'after',
    example(
      'slipway new reports.jsonl',
      'slipway new visits.jsonl --group patient_id',
      'slipway new pairs.jsonl --method reward',
      'slipway new tickets.csv --prompt text --completion department',
      'slipway new answers/ --prompt "{context}\\n\\n{question}" --completion answers.text.0',
    ),
  )
  .action(async (file, options) => (await import('./commands/new.js')).newCommand(file, options));

withRowOptions(
  program
    .command('check <recipe-or-data>')
    .description('check a recipe and its rows, or a data file: all problems at once, with file, line and field'),
)
  .option('--set <name=value>', SET_HELP, collect, [])
  .addHelpText('after', settingsHelp)
  .option('--seed <n>', 'seed of generated rows')
  .option(
    '--write-clean <out.jsonl>',
    'of a data file: write the rows that nothing is wrong with, and a list of the others with the reasons',
  )
  .option('--offline', 'make no network request')
  .option('--json', 'print the findings as JSON')
  .addHelpText(
    'after',
    example(
      'slipway check recipes/quickstart.yaml',
      'slipway check reports.jsonl.gz',
      'slipway check folder-of-parquet/',
      'slipway check tickets.csv --prompt text --completion department --write-clean clean.jsonl',
    ),
  )
  .action(async (file: string, options) => {
    if (/\.ya?ml$/.test(file)) return (await import('./commands/check.js')).checkCommand(file, options);
    return (await import('./commands/check-file.js')).checkFile(file, options);
  });

program
  .command('plan <recipe>')
  .description('show every value a run would use with its source, and forecast steps, memory, disk and time')
  .option('--set <name=value>', SET_HELP, collect, [])
  .addHelpText('after', settingsHelp)
  .option('--seed <n>', 'seed of generated rows and of training')
  .option('--offline', 'make no network request')
  .option('--json', 'print the plan as JSON')
  .addHelpText('after', example('slipway plan recipes/quickstart.yaml', 'slipway plan recipes/quickstart.yaml --set num_train_epochs=2'))
  .action(async (recipe, options) => (await import('./commands/plan.js')).planCommand(recipe, options));

program
  .command('tune <recipe>')
  .description('train a model; the first Ctrl-C saves a checkpoint and stops, the second kills the run')
  .option('--set <name=value>', SET_HELP, collect, [])
  .addHelpText('after', settingsHelp)
  .option('--seed <n>', 'seed of generated rows and of training')
  .option('--offline', 'make no network request')
  .option('--fresh', 'ignore earlier runs and start a new one')
  .option('--detach', 'start in the background and return')
  .option('--json', 'print the result as JSON; progress goes to stderr')
  .addHelpText('after', example('slipway tune recipes/quickstart.yaml', 'slipway tune recipes/quickstart.yaml --detach'))
  .action(async (recipe, options) => (await import('./commands/tune.js')).tuneCommand(recipe, options));

program
  .command('runs')
  .description('list runs, newest first')
  .option('--json', 'print them as JSON')
  .addHelpText('after', example('slipway runs'))
  .action(async (options) => (await import('./commands/runs.js')).runsCommand(options));

program
  .command('comparisons')
  .description('list comparisons with status and verdict, newest first')
  .option('--json', 'print them as JSON')
  .addHelpText('after', example('slipway comparisons'))
  .action(async (options) => (await import('./commands/comparisons.js')).comparisonsCommand(options));

program
  .command('show <id>')
  .description('show a run (state, loss, coverage, samples) or a comparison (state, verdict)')
  .option('--json', 'print it as JSON')
  .addHelpText('after', example('slipway show quickstart-2026'))
  .action(async (id, options) => (await import('./commands/show.js')).showCommand(id, options));

program
  .command('stop <id>')
  .description('stop a run with a checkpoint, or a comparison between two questions')
  .option('--json', 'print the result as JSON')
  .addHelpText('after', example('slipway stop quickstart-2026'))
  .action(async (id, options) => (await import('./commands/stop.js')).stopCommand(id, options));

program
  .command('resume <id>')
  .description('continue a run from its last complete checkpoint, or a comparison with what is missing')
  .option('--detach', 'start in the background and return')
  .option('--json', 'print the result as JSON; progress goes to stderr')
  .addHelpText('after', example('slipway resume quickstart-2026'))
  .action(async (id, options) => (await import('./commands/resume.js')).resumeCommand(id, options));

program
  .command('serve [runs...]')
  .description('serve a base model and adapters behind the OpenAI API on 127.0.0.1 (default: the newest finished run)')
  .option('--model <id>', 'the base model, if no run is served')
  .option('--port <n>', 'port to listen on; 0 takes a free one', '0')
  .option('--api-key <key>', 'what each request has to carry (default: a random one, which is printed)')
  .option('--no-api-key', 'answer without a key whoever reaches the address')
  .option('--engines <n>', 'number of engine processes', '1')
  .option('--threads <n>', 'threads per engine', '1')
  .option('--context-length <n>', 'largest number of tokens of prompt and answer', '2048')
  .option('--json', 'print the address as JSON')
  .addHelpText('after', example('slipway serve', 'slipway serve quickstart-2026 --port 8000 --threads 2'))
  .action(async (runs, options) => (await import('./commands/serve.js')).serveCommand(runs, options));

program
  .command('studio')
  .description('serve the web pages on 127.0.0.1 and print a sign-in link')
  .option('--port <n>', 'port to listen on; 0 takes a free one', '0')
  .option(
    '--data <folder>',
    'where files may lie that a recipe names which is started in the browser (may be repeated; default: this folder)',
    collect,
    [],
  )
  .option('--json', 'print the address as JSON')
  .addHelpText('after', example('slipway studio', 'slipway studio --port 8080 --data /srv/reports'))
  .action(async (options) => (await import('./commands/studio.js')).studioCommand(options));

withRowOptions(program.command('compare <a> <b>').description('compare two models, runs or endpoints on the same rows'))
  .option('--test <file>', 'rows to measure on (default: the test rows of the run)')
  .option('--system-a <text>', 'what A is told in place of the rows’ own system prompt')
  .option('--system-b <text>', 'the same for B: two prompts of one model can be compared')
  .option('--rule <name=value>', 'what decides: metric, margin, tolerance.absolute, guardrails.valid_json … (may be repeated)', collect, [])
  .option('--api-key-env <name>', 'environment variable with the key of an endpoint; [URL=]NAME, may be repeated', collect, [])
  .option('--exit-code', 'exit with 10 for skip and 11 for hold of A as the challenger; 0 is ship')
  .option('--allow-near-duplicates', 'measure on rows that differ from trained ones in digits or punctuation alone; the verdict shows it')
  .option('--json', 'print the verdicts as JSON')
  .addHelpText(
    'after',
    example(
      'slipway compare quickstart-2026 smollm2-135m-instruct',
      'slipway compare smollm2-135m-instruct gemma-3-270m --test reports.jsonl',
      'slipway compare quickstart-2026 http://127.0.0.1:8000/v1#my-model --test reports.jsonl --api-key-env MY_KEY',
      'slipway compare quickstart-2026 smollm2-135m-instruct --rule metric=exact_fields --rule margin=0.05',
      'slipway compare smollm2-135m-instruct smollm2-135m-instruct --test reports.jsonl --system-a "Be brief." --system-b "Think first."',
    ),
  )
  .action(async (a, b, options) => (await import('./commands/compare.js')).compareCommand(a, b, options));

program
  .command('models')
  .description('list models with licence, source and the runs tuned from them')
  .option('--json', 'print them as JSON')
  .addHelpText('after', example('slipway models'))
  .action(async (options) => (await import('./commands/models.js')).modelsCommand(options));

program
  .command('pull <model>')
  .description('import a model (a known name, a .gguf file or a Transformers folder) or a data set of the Hub (hub:org/name)')
  .option('--license <id>', 'licence of a file or folder')
  .option('--name <id>', 'name for a file or folder')
  .option('--offline', 'make no network request')
  .option('--json', 'print the model as JSON; progress goes to stderr')
  .addHelpText(
    'after',
    example(
      'slipway pull smollm2-135m-instruct',
      'slipway pull ./my-model.gguf --license apache-2.0',
      'slipway pull ./my-model',
      'slipway pull hub:org/name',
    ),
  )
  .action(async (model, options) => (await import('./commands/pull.js')).pullCommand(model, options));

program
  .command('chat [id]')
  .description('chat with a model or a run (default: the newest finished run)')
  .option('--ask <text>', 'ask one question and print the answer')
  .option('--json', 'with --ask: print question and answer as JSON')
  .addHelpText('after', example('slipway chat', 'slipway chat quickstart-2026', 'slipway chat smollm2-135m-instruct --ask "Hello"'))
  .action(async (id, options) => (await import('./commands/chat.js')).chatCommand(id, options));

program
  .command('rm <id>')
  .description('erase a run or a comparison; its hashes are kept with the date')
  .option('--with-comparisons', 'of a run: erase the comparisons that hold its rows and answers too')
  .option('--yes', 'do not ask')
  .option('--json', 'print what was erased as JSON')
  .addHelpText('after', example('slipway rm quickstart-20261124-145730-50', 'slipway rm quickstart-b40a17338fb0 --yes'))
  .action(async (id, options) => (await import('./commands/rm.js')).rmCommand(id, options));

program
  .command('verify <id>')
  .description('recompute hashes, parity and every figure of a run or comparison, and compare them with the ledger')
  .option('--replay <n>', 'ask n random test rows of a comparison again, and compare the answers')
  .option('--ledger-head <hash>', 'a head of the ledger that you have seen: find whether it is still the same ledger')
  .option('--json', 'print the findings as JSON')
  .addHelpText(
    'after',
    example(
      'slipway verify quickstart-2026',
      'slipway verify quickstart-4f1c --replay 5',
      'slipway verify quickstart-4f1c --ledger-head 3f9a…',
    ),
  )
  .action(async (id, options) => (await import('./commands/verify.js')).verifyCommand(id, options));

program
  .command('report <comparison>')
  .description('write a comparison as one HTML file to send to others, or its rows as CSV')
  .option('--output <file>', 'ends with .html or .csv (default: ID.html)')
  .option('--rows', 'with all test rows and answers in the HTML file')
  .option('--force', 'overwrite the file')
  .option('--json', 'print what was written as JSON')
  .addHelpText('after', example('slipway report quickstart-4f1c --rows', 'slipway report quickstart-4f1c --output rows.csv'))
  .action(async (id, options) => (await import('./commands/report.js')).reportCommand(id, options));

program
  .command('approve <comparison>')
  .description('sign a comparison’s verdicts with the key of this home; the ledger and the page show it')
  .requiredOption('--as <name>', 'who approves')
  .option('--json', 'print the approval as JSON')
  .addHelpText('after', example('slipway approve quickstart-4f1c --as "Ana Ruiz, QA"'))
  .action(async (id, options) => (await import('./commands/approve.js')).approveCommand(id, options));

program
  .command('fresh-test <recipe>')
  .description('draw new test rows for a recipe whose rows were judged on, and say how many are left')
  .option('--rows <n>', 'how many (default: all that are unused)')
  .option('--set <name=value>', SET_HELP, collect, [])
  .addHelpText('after', settingsHelp)
  .option('--seed <n>', 'seed of generated rows, as given to `go`')
  .option('--json', 'print what was drawn as JSON')
  .addHelpText('after', example('slipway fresh-test recipes/quickstart.yaml', 'slipway fresh-test reports.yaml --rows 60'))
  .action(async (recipe, options) => (await import('./commands/fresh-test.js')).freshTestCommand(recipe, options));

program
  .command('price [amount]')
  .description('what an hour of this machine costs, for every new comparison; without an amount it is shown')
  .option('--currency <code>', 'three capital letters, such as EUR')
  .option('--json', 'print it as JSON')
  .addHelpText('after', example('slipway price', 'slipway price 0.40 --currency EUR'))
  .action(async (amount, options) => (await import('./commands/price.js')).priceCommand(amount, options));

program
  .command('endpoints [name] [address]')
  .description('keep an endpoint under a name, with its key, to compare with; without a name they are listed')
  .option('--api-key-env <name>', 'environment variable with its key: it is read now, kept readable by you alone, and never shown')
  .option('--remove', 'forget the endpoint and its key')
  .option('--json', 'print them as JSON, without keys')
  .addHelpText(
    'after',
    example(
      'slipway endpoints',
      'slipway endpoints our-server http://10.0.0.7:8000/v1#gemma-3-27b-it --api-key-env SERVER_KEY',
      'slipway compare quickstart-2026 our-server',
      'slipway endpoints our-server --remove',
    ),
  )
  .action(async (name, address, options) => (await import('./commands/endpoints.js')).endpointsCommand(name, address, options));

program
  .command('doctor')
  .description('check this machine: Python, memory, disk, GPU, models')
  .option('--fix', 'install the engine and the Python environment of this machine, and remove environments that no process uses')
  .option('--gpu', 'install the engine for this machine’s GPU (not tried)')
  .option('--json', 'print the findings as JSON')
  .addHelpText('after', example('slipway doctor', 'slipway doctor --fix'))
  .action(async (options) => (await import('./commands/doctor.js')).doctorCommand(options));

const isJson = process.argv.includes('--json');
await program.parseAsync().catch((thrown: unknown) => {
  if (!(thrown instanceof CommanderError)) return showError(thrown, isJson);
  // It has written its own text to stderr.
  if (thrown.exitCode === 0) return;
  const command = program.args[0] ?? '';
  const error = new AppError('option-invalid', { option: command || 'slipway', problem: thrown.message.replace(/^error: /, ''), command });
  if (isJson) showError(error, true);
  process.exitCode = error.exit_code;
});
