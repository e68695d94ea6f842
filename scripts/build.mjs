// Bundles the product into dist/: one file per program, one lazily loaded chunk per verb, no node_modules needed to run.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { parse as parseYaml } from 'yaml';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

const files = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

/** The commit of the checkout, or the hash of the sources where there is none. */
const buildSha = () => {
  try {
    const top = execFileSync('git', ['rev-parse', '--show-toplevel'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    if (top === root)
      return execFileSync('git', ['rev-parse', 'HEAD'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
  } catch {
    // no git, or no repository: fall through to the sources
  }
  const hash = createHash('sha256');
  for (const file of [...files('src'), ...files('tools'), 'package.json']) {
    const bytes = readFileSync(file);
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
};

const programs = Object.fromEntries(
  readdirSync('src/cli/bin').map((name) => [name.replace(/\.ts$/, ''), join('src/cli/bin', name)]),
);
const workers = { 'profile-worker': 'src/profile/profile-worker.ts', 'job-supervisor': 'src/jobs/supervisor.ts' };
const entryPoints = { ...programs };
for (const [name, file] of Object.entries(workers)) if (existsSync(file)) entryPoints[name] = file;
// Verbs whose work is a job are entries too: the job's supervisor loads them by name.
for (const file of files('tools'))
  if (readFileSync(file, 'utf8').includes('= jobVerb('))
    entryPoints[`verbs/${basename(file, '.ts').replaceAll('-', '_')}`] = file;

/** zod brings its messages in fifty languages; one is enough. */
const onlyEnglish = {
  name: 'only-english',
  setup: ({ onLoad }) => {
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
      loader: 'js',
    }));
  },
};

const staging = `dist.${process.pid}`;
rmSync(staging, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints,
  outdir: staging,
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minify: process.env.BUILD_READABLE !== '1',
  legalComments: 'none',
  metafile: true,
  plugins: [onlyEnglish],
  define: { BUILD_VERSION: JSON.stringify(version), BUILD_SHA: JSON.stringify(buildSha()) },
  banner: {
    js: "import{createRequire as bundle__require}from'node:module';import{fileURLToPath as bundle__path}from'node:url';const require=bundle__require(import.meta.url),__filename=bundle__path(import.meta.url),__dirname=bundle__path(new URL('.',import.meta.url));",
  },
  logLevel: 'warning',
});

const usesSqlite = Object.keys(metafile.inputs).some((file) => file.includes('node-sqlite3-wasm'));
if (usesSqlite) {
  const wasm = join(dirname(createRequire(import.meta.url).resolve('node-sqlite3-wasm')), 'node-sqlite3-wasm.wasm');
  mkdirSync(join(staging, 'chunks'), { recursive: true });
  for (const folder of [staging, join(staging, 'chunks')]) copyFileSync(wasm, join(folder, 'node-sqlite3-wasm.wasm'));
}
mkdirSync(join(staging, 'configs'));
for (const name of ['metrics', 'sol-ceilings', 'kernel-buckets']) {
  const text = readFileSync(join('configs', `${name}.yaml`), 'utf8');
  const sha256 = createHash('sha256').update(text).digest('hex');
  writeFileSync(join(staging, 'configs', `${name}.json`), JSON.stringify({ sha256, value: parseYaml(text) }));
}
for (const name of Object.keys(programs)) chmodSync(join(staging, `${name}.mjs`), 0o755);
writeFileSync(join(staging, 'build.json'), JSON.stringify({ version, built_from: buildSha() }));
// Two renames instead of a removal: a program that starts meanwhile finds the old build or the new one.
const old = `dist.old.${process.pid}`;
if (existsSync('dist')) renameSync('dist', old);
renameSync(staging, 'dist');
rmSync(old, { recursive: true, force: true });
