/** slipway doctor */
import { statSync } from 'node:fs';
import { gigabytes } from '../../protocol/units.js';
import {
  enginePackage,
  ensureEngine,
  GPU_VARIABLE,
  installedEngineVersion,
  installGpuEngine,
  isEngineInstalled,
  thisPlatform,
} from '../../run/engine/engine-packages.js';
import { PINNED_MODELS } from '../../run/weights/catalogue.js';
import { listModels } from '../../run/weights/resolve-model.js';
import { slipwayHome } from '../../store/home.js';
import { removeFolder } from '../../store/leftovers.js';
import { ensureEnvironment, findPython, isEnvironmentReady, unusedEnvironments } from '../../tune/environment.js';
import { probeMachine } from '../../tune/plan/machine.js';
import { printJson } from '../options.js';
import { style } from '../style.js';
import { terminalReporter } from '../terminal-reporter.js';

interface Finding {
  what: string;
  found: string;
  is_fine: boolean;
  fix: string;
}

export async function doctorCommand(options: { fix?: boolean; gpu?: boolean; json?: boolean }): Promise<void> {
  const home = slipwayHome();
  if (options.gpu) {
    const folders = await installGpuEngine();
    process.stderr.write(`${folders.join('\n')}\nNot tried on any GPU. To use it: export ${GPU_VARIABLE}=cuda\n`);
  }
  if (options.fix) {
    const reporter = terminalReporter(process.stderr);
    reporter.stage('engine', `llama.cpp for ${process.platform} on ${process.arch}`);
    await ensureEngine();
    reporter.done(enginePackage(thisPlatform()).name);
    reporter.stage('environment', 'Python with PyTorch and TRL');
    reporter.done(await ensureEnvironment(home, { offline: false, onProgress: reporter.progress }));
    for (const folder of unusedEnvironments(home)) {
      removeFolder(home, folder);
      reporter.note(`removed ${folder}: no process uses it`);
    }
    reporter.end();
  }
  const findings = await examine(home);
  if (options.json) printJson(findings);
  else process.stdout.write(`${findings.map(findingLine).join('\n')}\n`);
  if (findings.some(({ is_fine }) => !is_fine)) process.exitCode = 4;
}

async function examine(home: string): Promise<Finding[]> {
  const machine = probeMachine(home);
  const python = await findPython().then(
    (found) => ({ found, is_fine: true }),
    (error: Error) => ({ found: error.message, is_fine: false }),
  );
  const unused = unusedEnvironments(home);
  const mode = (statSync(home).mode & 0o777).toString(8);
  const models = listModels(home).map(({ id }) => id);
  return [
    { what: 'Node', found: process.version, is_fine: true, fix: '' },
    engineFinding(),
    { what: 'Python', ...python, fix: 'apt-get install -y python3 python3-venv' },
    {
      what: 'environment',
      found: isEnvironmentReady(home) ? 'ready' : 'not created yet',
      is_fine: isEnvironmentReady(home),
      fix: 'slipway doctor --fix',
    },
    {
      what: 'disk in use',
      found: unused.length > 0 ? `unused environments: ${unused.join(', ')}` : 'nothing that is not needed',
      is_fine: unused.length === 0,
      fix: 'slipway doctor --fix',
    },
    { what: 'cores', found: String(machine.num_cores), is_fine: true, fix: '' },
    {
      what: 'precision',
      found: machine.has_bfloat16 ? 'float32; bfloat16 with `--set precision=bfloat16`' : 'float32 (no bfloat16 in this CPU)',
      is_fine: true,
      fix: '',
    },
    {
      what: 'GPU',
      found: machine.gpus.map(({ name, memory_bytes }) => `${name}, ${gigabytes(memory_bytes)}`).join('; ') || 'none found',
      is_fine: true,
      fix: '',
    },
    {
      what: 'memory',
      found: `${gigabytes(machine.free_memory_bytes)} free`,
      is_fine: machine.free_memory_bytes > 6e9,
      fix: 'close other programs: the quickstart wants 6 GB',
    },
    {
      what: 'disk',
      found: `${gigabytes(machine.free_disk_bytes)} free under ${home}`,
      is_fine: machine.free_disk_bytes > 4e9,
      fix: 'set SLIPWAY_HOME to a folder on a larger disk',
    },
    { what: 'home', found: `${home}, mode ${mode}`, is_fine: mode === '700', fix: `chmod 700 ${home}` },
    {
      what: 'models',
      found: models.join(', ') || `none imported; known: ${PINNED_MODELS.map(({ id }) => id).join(', ')}`,
      is_fine: true,
      fix: '',
    },
  ];
}

function engineFinding(): Finding {
  const { name } = enginePackage(thisPlatform());
  const is_fine = isEngineInstalled();
  return {
    what: 'engine',
    found: `${name} ${is_fine ? installedEngineVersion() : 'is not installed'}`,
    is_fine,
    fix: 'slipway doctor --fix',
  };
}

function findingLine({ what, found, is_fine, fix }: Finding): string {
  const mark = is_fine ? style('green', '✓') : style('red', '✗');
  return `${mark} ${what.padEnd(12)} ${found}${is_fine ? '' : `\n               fix: ${fix}`}`;
}
