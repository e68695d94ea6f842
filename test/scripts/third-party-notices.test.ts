// The notices against what the build put into dist/.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

interface Bundle {
  readonly bundle: (options: object) => Promise<{ readonly metafile: object }>;
  readonly bundlePageScripts: (options: object) => Promise<{ readonly metafile: object }>;
  readonly bundledFolders: (...metafiles: readonly object[]) => string[];
  readonly NATIVE: readonly string[];
  readonly pageScripts: Readonly<Record<string, string>>;
  readonly shippedFiles: () => Readonly<Record<string, string>>;
  readonly fonts: () => readonly { readonly from: string }[];
}

const MAY_BE_PASSED_ON = [
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'OFL-1.1',
  'Bitstream-Vera AND LicenseRef-DejaVu',
];

/** Installed unchanged beside dist/, as files of its own; the notice names where its source is. */
const MAY_LIE_BESIDE = ['MPL-2.0'];

interface Notice {
  readonly title: string;
  readonly license: string;
  readonly text: string;
}

const notices: Notice[] = readFileSync('THIRD_PARTY_NOTICES', 'utf8')
  .split(/^-{100}$/m)
  .slice(1)
  .map((part) => {
    const [, title = '', license = '', ...text] = part.split('\n');
    return { title, license: license.replace('License: ', ''), text: text.join('\n').trim() };
  });

const bundler: Bundle = await import(pathToFileURL(resolve('scripts/bundle.mjs')).href);
const { metafile } = await bundler.bundle({ outdir: 'dist', define: {}, minify: true, write: false });
const { metafile: pages } = await bundler.bundlePageScripts({ outdir: 'dist', minify: true, write: false });
const folders = [
  ...bundler.bundledFolders(metafile, pages),
  ...bundler.NATIVE.map((name) => join('node_modules', name)),
];
const bundled = folders.map((folder) => {
  const { name, version }: { name: string; version: string } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  return `${name} ${version}`;
});

describe('THIRD_PARTY_NOTICES', () => {
  it('has one entry for every package of which code is in dist/ or lies beside it, and no other', () => {
    expect(bundled.length).toBeGreaterThan(20);
    expect(notices.map(({ title }) => title)).toEqual([...bundled].sort());
  });

  it.each(notices.map((notice) => [notice.title, notice] as const))(
    'names a licence for %s that allows bundling, with its text',
    (_, { license, text }) => {
      const isBeside = text.startsWith('Installed unchanged beside dist/, not part of it. Its source: https://');
      expect([...MAY_BE_PASSED_ON, ...(isBeside ? MAY_LIE_BESIDE : [])]).toContain(license);
      expect(text).toMatch(/permission|license/i);
      expect(text.length).toBeGreaterThan(400);
    },
  );

  it('covers every file of dist/ that is no program of ours', () => {
    const shipped = [...Object.values(bundler.shippedFiles()), ...bundler.fonts().map(({ from }) => from)];
    const ours = Object.keys(bundler.pageScripts).map((name) => join('web', `${name}.js`));
    const others = readdirSync('dist', { recursive: true, encoding: 'utf8' })
      .filter((name) => !['', '.mjs', '.json'].includes(extname(name)) && !ours.includes(name))
      .map((name) => readFileSync(join('dist', name)));
    expect(others).toHaveLength(shipped.length);
    for (const bytes of others) expect(shipped.some((path) => readFileSync(path).equals(bytes))).toBe(true);
    for (const path of shipped) {
      const folder = dirname(dirname(path));
      expect(
        notices.some(({ title }) => title.startsWith(`${folder.slice(folder.indexOf('node_modules/') + 13)} `)),
      ).toBe(true);
    }
  });
});
