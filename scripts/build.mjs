// Bundles the product into dist/: one file per program, one lazily loaded chunk per verb, no node_modules needed to run.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse as parseYaml } from 'yaml';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
// The entries are read from the working folder.
const { COMMONJS, SHIPPED_WHOLE, bundle, bundlePageScripts, files, fonts, programs, shippedFiles, target } =
  await import('./bundle.mjs');
const { mergeChunks } = await import('./merge-chunks.mjs');
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

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

/** Takes it out again where nothing asks for it. */
const dropUnusedCommonJs = (file) => {
  const [before, ...rest] = readFileSync(file, 'utf8').split(`${COMMONJS}\n`);
  const code = rest.join('');
  if (rest.length === 1 && !/\b(?:require|__filename|__dirname)\b/.test(code)) writeFileSync(file, before + code);
};

const minify = process.env.BUILD_READABLE !== '1';
const staging = `dist.${process.pid}`;
rmSync(staging, { recursive: true, force: true });
const define = { BUILD_VERSION: JSON.stringify(version), BUILD_SHA: JSON.stringify(buildSha()) };
const { metafile } = await bundle({ outdir: staging, define, minify });

for (const file of files(staging)) dropUnusedCommonJs(file);
const entry = `${staging}/profile-and-optimize-mcp.mjs`;
await mergeChunks({ folder: staging, outputs: metafile.outputs, entry, minify, target });

// `#sqlite` means the copy beside the bundle here, and the installed package in the sources (see package.json).
const { program, wasm } = shippedFiles();
copyFileSync(program, join(staging, `${SHIPPED_WHOLE}.cjs`));
copyFileSync(wasm, join(staging, basename(wasm)));
const imports = { '#sqlite': `./${SHIPPED_WHOLE}.cjs` };
writeFileSync(join(staging, 'package.json'), JSON.stringify({ type: 'module', imports }));
mkdirSync(join(staging, 'configs'));
for (const name of ['metrics', 'sol-ceilings', 'kernel-buckets', 'cost']) {
  const text = readFileSync(join('configs', `${name}.yaml`), 'utf8');
  const sha256 = createHash('sha256').update(text).digest('hex');
  writeFileSync(join(staging, 'configs', `${name}.json`), JSON.stringify({ sha256, value: parseYaml(text) }));
}
await bundlePageScripts({ outdir: join(staging, 'web'), minify });
mkdirSync(join(staging, 'fonts'));
for (const { from, name } of fonts()) copyFileSync(from, join(staging, 'fonts', name));
for (const name of Object.keys(programs)) chmodSync(join(staging, `${name}.mjs`), 0o755);
writeFileSync(join(staging, 'build.json'), JSON.stringify({ version, built_from: buildSha() }));
// Two renames instead of a removal: a program that starts meanwhile finds the old build or the new one.
const old = `dist.old.${process.pid}`;
if (existsSync('dist')) renameSync('dist', old);
renameSync(staging, 'dist');
rmSync(old, { recursive: true, force: true });
