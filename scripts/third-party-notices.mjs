// Prints the notices of every package of which code is in dist/, or which an installation keeps beside it: name, version, licence, and the text under which it may be passed
// on. What is in dist/ is read from the bundler's own account, so a new dependency follows by itself. Fails where a package has
// no text, or a licence that nobody has decided on.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const { NATIVE, bundle, bundlePageScripts, bundledFolders } = await import('./bundle.mjs');

/** Licences that allow code to be passed on inside a bundle, given the text and the names of the authors. */
const ALLOWED = [
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'OFL-1.1',
  'Unlicense',
];

/**
 * Licences that a person has read for the one package: the fonts may be passed on with programs, unchanged; the rasteriser unchanged, as
 * files of its own, with word of where its source is.
 */
const READ = { 'dejavu-fonts-ttf': 'Bitstream-Vera AND LicenseRef-DejaVu', '@resvg/resvg-js': 'MPL-2.0' };

/** What a package holds beside its own code, or where its source is, by package name. */
const WITHIN = {
  '@resvg/resvg-js':
    'Installed unchanged beside dist/, not part of it. Its source: https://github.com/yisibl/resvg-js (tag v2.6.2).',
  '@myriaddreamin/typst-ts-node-compiler':
    'Installed unchanged beside dist/, not part of it. Its source: https://github.com/Myriad-Dreamin/typst.ts.',
  'node-sqlite3-wasm':
    'Its WebAssembly contains SQLite (https://sqlite.org), which its authors have put into the public domain.',
  unpdf:
    'It contains PDF.js (https://github.com/mozilla/pdf.js), Copyright Mozilla Foundation and its contributors, under the Apache License 2.0, whose text stands at other packages here.',
};

const TEXT_FILES = /^(?:licen[cs]e|copying|unlicense|notice)(?:[-.][\w.-]*)?$/i;

const textsOf = (folder) =>
  readdirSync(folder)
    .filter((name) => TEXT_FILES.test(name) && !name.endsWith('.js'))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim())
    .filter((text) => text !== '');

const entryOf = (folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = textsOf(folder);
  if (!ALLOWED.includes(license) && READ[name] === undefined)
    throw new Error(`${name} ${version}: licence ${license} is not in the list of ${ALLOWED}`);
  if (texts.length === 0) throw new Error(`${name} ${version}: ${folder} holds no licence text`);
  return { name, version, license: READ[name] ?? license, texts };
};

const RULE = '-'.repeat(100);

const section = ({ name, version, license, texts }) =>
  [
    RULE,
    `${name} ${version}`,
    `License: ${license}`,
    ...(WITHIN[name] === undefined ? [] : [WITHIN[name]]),
    '',
    ...texts,
  ].join('\n');

const { metafile } = await bundle({ outdir: 'dist', define: {}, minify: true, write: false });
const { metafile: pages } = await bundlePageScripts({ outdir: 'dist', minify: true, write: false });
const entries = [...bundledFolders(metafile, pages), ...NATIVE.map((name) => join('node_modules', name))]
  .filter((folder) => existsSync(join(folder, 'package.json')))
  .map(entryOf)
  .sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
const intro = [
  'Third-party notices',
  '',
  'The programs in dist/ contain code of the packages below, or load them where that is said. Written by `npm run gen`',
  'from what the bundler put into dist/. The licence of profile-and-optimize itself is in the file LICENSE.',
];
process.stdout.write(`${[...intro, '', ...entries.map(section)].join('\n')}\n`);
