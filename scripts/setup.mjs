// Brings a fresh checkout to the point where checks and tests run: installs the locked packages, then builds when a source
// is newer than the build. Uses Node alone.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old: 20.19 or newer is needed`);
  process.exit(3);
}

const run = (command, args) => execFileSync(command, args, { stdio: ['ignore', 2, 2] });
const lock = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
const stamp = join('node_modules', '.lock-sha256');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  run('npm', ['ci', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']);
  writeFileSync(stamp, lock);
}
if (process.argv.includes('--install-only')) process.exit(0);

const newest = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
const built = join('dist', 'build.json');
mkdirSync('dist', { recursive: true });
const sources = Math.max(
  newest('src'),
  newest('tools'),
  newest('configs'),
  statSync('package.json').mtimeMs,
  ...['build', 'bundle', 'merge-chunks'].map((name) => statSync(`scripts/${name}.mjs`).mtimeMs),
);
if (!existsSync(built) || statSync(built).mtimeMs < sources) run('node', ['scripts/build.mjs']);
