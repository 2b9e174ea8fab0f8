// Writes the hashes of all wheels that Slipway may install into python/*.lock. Run: node scripts/lock-python.mjs
// Change a version in a lock first, then run this.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

const LOCKS = ['requirements.lock', 'requirements-cpu.lock', 'requirements-cuda.lock', 'requirements-dev.lock'];
/** CPython 3.11 to 3.13, on Linux and macOS, x86-64 and arm64. */
const PYTHONS = /-(cp31[123]|py3|py31[123]|py2\.py3|cp3\d+)-/;
const PLATFORMS = /-(any|manylinux\w*_(x86_64|aarch64)|macosx\w*_(x86_64|arm64|universal2))(\.[\w.]+)?\.whl$/;

/**
 * PyTorch's own index of CPU builds, https://download.pytorch.org/whl/cpu/torch/, lists these; the public registry does
 * not. cp311, cp312 and cp313, first for x86-64, then for arm64.
 */
const TORCH_CPU_WHEELS = [
  '6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b',
  '4ca4a9394b0c771238a4f73590fdbbc4debad85ed0fa63d026ae1b085da7d6e2',
  '3fbf9c9d1f3c10c2d59d04aca426dee9ccc6ceb32d255c61e93acc3b4f75fae6',
  '84453b69508ec79902f899c5ed9495acb9e2bbe9fda5f1d5d6f19e3c3842e1a7',
  '6f307c2c32d764ffc6ff6893b801fad6d4752f3e67966cb8abf1843427c02604',
  '0b8f7d0423027ae8b90c7977c627f3379f325363a08224dffad9b4b2d684a83d',
];

for (const lock of LOCKS) {
  const file = join(root, 'python', lock);
  const versions = [...readFileSync(file, 'utf8').matchAll(/^([\w.-]+)==([\w.+]+)/gm)].map(([, name, version]) => [name, version]);
  const entries = [];
  for (const [name, version] of versions) {
    const hashes = await hashesFor(lock, name, version);
    if (hashes.length === 0) throw new Error(`${name} ${version}: no wheel is listed`);
    entries.push(`${name}==${version} \\\n${hashes.map((hash) => `    --hash=sha256:${hash}`).join(' \\\n')}\n`);
  }
  writeFileSync(file, entries.join(''));
  console.log(`${lock}: ${entries.length} packages`);
}

/** The public registry's wheels of PyTorch are CUDA builds on Linux, and CPU builds elsewhere. */
async function hashesFor(lock, name, version) {
  if (lock === 'requirements-cpu.lock') return [...(await wheelHashes(name, version, /macosx/)), ...TORCH_CPU_WHEELS];
  return await wheelHashes(name, version, name === 'torch' ? /manylinux/ : /./);
}

async function wheelHashes(name, version, platform) {
  const response = await fetch(`https://pypi.org/simple/${name.toLowerCase().replace(/[-_.]+/g, '-')}/`, {
    headers: { accept: 'application/vnd.pypi.simple.v1+json' },
  });
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  const { files } = await response.json();
  const wheels = files.filter(({ filename, yanked }) => {
    const parts = filename.split('-');
    return (
      filename.endsWith('.whl') &&
      !yanked &&
      parts[1] === version &&
      PYTHONS.test(filename) &&
      PLATFORMS.test(filename) &&
      platform.test(filename)
    );
  });
  return wheels.map(({ hashes }) => hashes.sha256).sort();
}
