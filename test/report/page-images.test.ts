// Every page of every made-up campaign, rasterised small and held against a picture that somebody looked at. After a change that is
// meant: UPDATE_PAGE_IMAGES=1 npx vitest run test/report/page-images.test.ts, and look at what changed (PAGE_IMAGES_OUT keeps the PDFs).
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../fs/scratch.ts';
import { MADE_UP, madeUpCampaign, rendered } from './made-up.ts';
import { blankBands, canReadPdf, outside, overlapping, pageWords, pdfText, qpdfSays } from './pdf-tools.ts';

const REFERENCES = resolve('test/fixtures/report-pages');
const [update, kept] = [process.env['UPDATE_PAGE_IMAGES'] !== undefined, process.env['PAGE_IMAGES_OUT']];

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const canCompare = canReadPdf && ['pdftoppm', 'convert', 'compare'].every(has);
if (!canCompare)
  console.warn('skipped: pictures of pages (pdftoppm, or convert and compare of ImageMagick, is not installed)');

/** Root mean square of the difference, as a share of white: fonts are drawn a little differently by each version of Poppler. */
const TOLERANCE = 0.06;

const difference = (seen: string, reference: string): number => {
  const { stderr } = spawnSync('compare', ['-metric', 'RMSE', seen, reference, 'null:'], { encoding: 'utf8' });
  return Number(/\(([\d.e+-]+)\)/.exec(stderr)?.[1] ?? NaN);
};

/** One small grey picture a page, by name. */
const picturesOf = (pdf: Uint8Array, name: string): readonly string[] => {
  const folder = scratchFolder('page-images');
  const path = join(kept ?? folder, `${name}.pdf`);
  mkdirSync(kept ?? folder, { recursive: true });
  writeFileSync(path, pdf);
  execFileSync('pdftoppm', ['-r', '18', '-gray', '-png', path, join(folder, name)]);
  const pages = readdirSync(folder)
    .filter((file) => file.endsWith('.png'))
    .toSorted();
  for (const page of pages)
    execFileSync('convert', [join(folder, page), '-colors', '12', '-strip', join(folder, page)]);
  return pages.map((page) => join(folder, page));
};

describe.skipIf(!canCompare)('the pages of', () => {
  test.each(Object.entries(MADE_UP))('%s are as they were looked at, and nothing in them is cut, covered or blank', async (name, made) => {
    const { pdf } = await rendered(await madeUpCampaign(scratchFolder(`made-up-${name}`), made));
    const pages = picturesOf(pdf, name);
    const words = pageWords(pdf);
    expect(outside(words)).toEqual([]);
    expect(overlapping(words)).toEqual([]);
    expect(blankBands(words)).toEqual([]);
    expect(qpdfSays(pdf)).toContain('No syntax or stream encoding errors');
    expect(pdfText(pdf)).toContain('Coverage: ');
    mkdirSync(REFERENCES, { recursive: true });
    for (const [index, page] of pages.entries()) {
      const reference = join(REFERENCES, `${name}-${index + 1}.png`);
      if (update) execFileSync('cp', [page, reference]);
      expect(existsSync(reference), `${reference} is missing`).toBe(true);
      expect(difference(page, reference), `page ${index + 1}`).toBeLessThan(TOLERANCE);
    }
    expect(existsSync(join(REFERENCES, `${name}-${pages.length + 1}.png`)), 'a page is gone').toBe(false);
  }, 120_000);
}); // prettier-ignore
