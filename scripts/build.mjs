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
import { mergeChunks } from './merge-chunks.mjs';

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
  if (/\bjobVerb\s*[<(]/.test(readFileSync(file, 'utf8')))
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

/**
 * The SDK checks the answers of a person against JSON Schema, by default with a second copy of ajv that it sets up at every
 * start. Its other validator interprets schemas and costs nothing until it is asked.
 */
const lightValidator = {
  name: 'light-validator',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^@modelcontextprotocol\/server\/_shims$/ }, ({ path, resolveDir }) => ({
      path,
      namespace: 'light-validator',
      pluginData: { resolveDir },
    }));
    onLoad({ filter: /./, namespace: 'light-validator' }, ({ pluginData: { resolveDir } }) => ({
      contents: `export { CfWorkerJsonSchemaValidator as DefaultJsonSchemaValidator } from '@modelcontextprotocol/server/validators/cf-worker';
        export { default as process } from 'node:process';`,
      resolveDir,
    }));
  },
};

/** What CommonJS packages expect to find around them. */
const COMMONJS =
  "import{createRequire as bundle__require}from'node:module';let bundle__made;const require=(name)=>(bundle__made??=bundle__require(import.meta.url))(name),__filename=import.meta.filename,__dirname=import.meta.dirname;";

/** Takes it out again where nothing asks for it. */
const dropUnusedCommonJs = (file) => {
  const [before, ...rest] = readFileSync(file, 'utf8').split(`${COMMONJS}\n`);
  const code = rest.join('');
  if (rest.length === 1 && !/\b(?:require|__filename|__dirname)\b/.test(code)) writeFileSync(file, before + code);
};

const target = 'node20.19';
const minify = process.env.BUILD_READABLE !== '1';
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
  target,
  minify,
  legalComments: 'none',
  metafile: true,
  plugins: [onlyEnglish, lightValidator],
  define: { BUILD_VERSION: JSON.stringify(version), BUILD_SHA: JSON.stringify(buildSha()) },
  banner: { js: COMMONJS },
  logLevel: 'warning',
});

for (const file of files(staging)) dropUnusedCommonJs(file);
const entry = `${staging}/profile-and-optimize-mcp.mjs`;
await mergeChunks({ folder: staging, outputs: metafile.outputs, entry, minify, target });

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
