// What the build hands to esbuild: the programs, the workers and the verbs that run as jobs, with the packages that they import.
// Also lists which packages come out of it, for the notices that travel with them. Writes nothing by itself.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

/** Every file below `folder`, sorted. */
export const files = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

/** Program name to its source file. */
export const programs = Object.fromEntries(
  readdirSync('src/cli/bin').map((name) => [name.replace(/\.ts$/, ''), join('src/cli/bin', name)]),
);
const workers = {
  'profile-worker': 'src/profile/read/profile-worker.ts',
  'verb-thread': 'src/catalog/verb-thread.ts',
  'job-supervisor': 'src/jobs/supervisor.ts',
};
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
 * The sources take zod as one object, which holds all of it. As a namespace the bundler sees what is used of it, which is a third.
 */
const usedPartOfZod = {
  name: 'used-part-of-zod',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/](?:src|tools)[\\/].*\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const contents = text.replace("import { z } from 'zod';", "import * as z from 'zod';");
      return contents === text ? undefined : { contents, loader: 'ts' };
    });
  },
};

/** The manifest of verbs is data: as a text that is parsed it takes a third of the time that it takes as a program. */
const manifestAsText = {
  name: 'manifest-as-text',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]verbs\.generated\.ts$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8').replace(
        /^(export const (?:MANIFEST|FIND_VERB): [\w ]+(?:\[\])? = )([[{][^]*?\n[\]}]);$/gm,
        (_, declared, literal) => {
          const value = new Function(`return ${literal}`)(); // checked boundary: a literal that `npm run gen` wrote
          return `${declared}JSON.parse(${JSON.stringify(JSON.stringify(value))});`;
        },
      );
      return { contents, loader: 'ts' };
    });
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
export const COMMONJS =
  "import{createRequire as bundle__require}from'node:module';let bundle__made;const require=(name)=>(bundle__made??=bundle__require(import.meta.url))(name),__filename=import.meta.filename,__dirname=import.meta.dirname;";

export const target = 'node20.19';

/** Programs of one platform, loaded by the verbs that need them; they lie in `node_modules` beside `dist`, not in it. */
export const NATIVE = ['@myriaddreamin/typst-ts-node-compiler', '@resvg/resvg-js'];

/** The one package that is shipped as it is beside the bundle: SQLite is loaded by name when the first odd file is met. */
export const SHIPPED_WHOLE = 'node-sqlite3-wasm';

/** Files of `SHIPPED_WHOLE`: its program, which is CommonJS, and its WebAssembly, which it looks for beside itself. */
export const shippedFiles = () => {
  const program = createRequire(import.meta.url).resolve(SHIPPED_WHOLE);
  return { program, wasm: join(dirname(program), `${SHIPPED_WHOLE}.wasm`) };
};

/** The fonts that reports are set in. */
export const fonts = () => {
  const folder = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
  return ['DejaVuSans', 'DejaVuSans-Bold', 'DejaVuSansMono'].map((name) => ({
    from: join(folder, `${name}.ttf`),
    name: `${name}.ttf`,
  }));
};

/** Scripts that web pages hold, by the name under which the build lays them into `dist/web`. */
export const pageScripts = {
  tables: 'src/render/web/client/main.ts',
  report: 'src/report/html/client/main.ts',
  app: 'src/report/html/client/app.ts',
};

/** A script holds only what it uses of the sources: none of them does anything when it is merely loaded. */
const onlyWhatIsUsed = {
  name: 'only-what-is-used',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) =>
      resolveDir.includes('node_modules') ? undefined : { path: join(resolveDir, path), sideEffects: false },
    );
  },
};

/** Browsers since the summer of 2023: what they lack no bundler brings. */
const browsers = ['chrome110', 'firefox115', 'safari16.4'];

/** Bundles the scripts of web pages into `outdir`: one file each, which asks for nothing. */
export const bundlePageScripts = ({ outdir, minify, write = true }) =>
  build({
    entryPoints: pageScripts,
    outdir,
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: browsers,
    charset: 'ascii',
    plugins: [onlyWhatIsUsed],
    minify,
    legalComments: 'none',
    metafile: true,
    write,
    logLevel: 'warning',
  });

/** Bundles into `outdir`; with `write: false` nothing is written. Returns esbuild's result with its metafile. */
export const bundle = ({ outdir, define, minify, write = true }) =>
  build({
    entryPoints,
    outdir,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    external: NATIVE,
    target,
    minify,
    legalComments: 'none',
    metafile: true,
    write,
    plugins: [onlyEnglish, usedPartOfZod, manifestAsText, lightValidator],
    define,
    banner: { js: COMMONJS },
    logLevel: 'warning',
  });

const folderOf = (file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];

/** Folders of the packages of which code is in the outputs, sorted, with the one that is shipped whole. */
export const bundledFolders = (...metafiles) => {
  const inputs = metafiles
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap((output) =>
      Object.entries(output.inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
    );
  const shipped = [shippedFiles().program, ...fonts().map(({ from }) => from)].map((file) => relative('.', file));
  const folders = [...inputs, ...shipped].map(folderOf).filter((folder) => folder !== undefined);
  return [...new Set(folders)].sort();
};
