// Joins the chunks that a program always loads into one file: Node takes about as long to find and open a module as to run a small
// one. Every other file then imports from the joined one, so that no module exists twice.
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

/** Chunks that `entry` loads before it runs; those that something also loads later by name stay as they are. */
const chunksOf = (outputs, entry) => {
  const dynamic = new Set(
    Object.values(outputs).flatMap(({ imports }) =>
      imports.filter(({ kind }) => kind === 'dynamic-import').map(({ path }) => path),
    ),
  );
  const found = [];
  const visit = (file) => {
    for (const { path, kind, external } of outputs[file].imports) {
      if (kind !== 'import-statement' || external === true || found.includes(path)) continue;
      visit(path);
      if (!found.includes(path) && !dynamic.has(path)) found.push(path);
    }
  };
  visit(entry);
  return found;
};

const asIs = {
  name: 'leave-dynamic-imports',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\./ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
  },
};

const renamed = (list, number) =>
  list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [name, local = name] = part.split(/\s+as\s+/);
      return `c${number}_${name} as ${local}`;
    })
    .join(',');

/** The code with every import from a joined chunk turned into one from `joined`. */
const redirected = (code, names, joined) => {
  const turned = code.replace(
    /\b(import|export)\s*(?:\{([^{}]*)\}\s*from\s*)?"[./]*\/(?:chunks\/)?(chunk-[A-Z0-9]+\.mjs)"/g,
    (whole, word, list, name) => {
      const number = names.indexOf(name);
      if (number < 0) return whole;
      return list === undefined ? `${word}"${joined}"` : `${word}{${renamed(list, number)}}from"${joined}"`;
    },
  );
  return turned.includes(`from"${joined}"`) ? turned.replaceAll(`import"${joined}";`, '') : turned;
};

/** Joins the chunks of `entry` below `folder` into `chunks/start.mjs`. `outputs` is esbuild's description of the build. */
export const mergeChunks = async ({ folder, outputs, entry, minify, target }) => {
  const chunks = chunksOf(outputs, entry);
  const names = chunks.map((path) => basename(path));
  const lines = chunks.map((path, number) => {
    const { exports } = outputs[path];
    const list = exports.map((name) => `${name} as c${number}_${name}`).join(',');
    return exports.length === 0 ? `import"./${basename(path)}";` : `export{${list}}from"./${basename(path)}";`;
  });
  const joined = join(folder, 'chunks', 'start.mjs');
  await build({
    stdin: { contents: lines.join('\n'), resolveDir: dirname(joined), loader: 'js' },
    outfile: joined,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target,
    minify,
    legalComments: 'none',
    plugins: [asIs],
    logLevel: 'warning',
  });
  for (const path of chunks) rmSync(path);
  const files = readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => join(folder, name));
  for (const file of files) {
    const to = relative(dirname(file), joined);
    const code = readFileSync(file, 'utf8');
    const changed = file === joined ? code : redirected(code, names, to.startsWith('.') ? to : `./${to}`);
    const left = names.find((name) => changed.includes(`/${name}"`));
    if (left !== undefined) throw new Error(`${file} still names ${left}`);
    if (changed !== code) writeFileSync(file, changed);
  }
};
