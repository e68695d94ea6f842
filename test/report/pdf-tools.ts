// What Poppler and qpdf say of a PDF: its text, the boxes of its words, and whether its structure is sound.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const has = (program: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** False where the programs are not installed; said once. */
export const canReadPdf = ['pdftotext', 'pdffonts', 'qpdf'].every(has);
if (!canReadPdf) console.warn('skipped: what a PDF holds (pdftotext, pdffonts or qpdf is not installed)');

const withFile = <Result>(pdf: Uint8Array, use: (path: string) => Result): Result => {
  const folder = mkdtempSync(join(tmpdir(), 'pdf-'));
  try {
    const path = join(folder, 'a.pdf');
    writeFileSync(path, pdf);
    return use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const output = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1e9 });

export const pdfText = (pdf: Uint8Array): string =>
  withFile(pdf, (path) => output('pdftotext', ['-layout', path, '-']));
export const pdfInfo = (pdf: Uint8Array): string => withFile(pdf, (path) => output('pdfinfo', [path]));
export const pdfFonts = (pdf: Uint8Array): string => withFile(pdf, (path) => output('pdffonts', [path]));
export const qpdfSays = (pdf: Uint8Array): string => withFile(pdf, (path) => output('qpdf', ['--check', path]));

export interface Word {
  readonly page: number;
  readonly text: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface PageWords {
  readonly width: number;
  readonly height: number;
  readonly words: readonly Word[];
}

const numbers = (tag: string): number[] => [...tag.matchAll(/="(-?[\d.]+)"/g)].map(([, value]) => Number(value));

/** The box of every word, by page. */
export const pageWords = (pdf: Uint8Array): readonly PageWords[] =>
  withFile(pdf, (path) => output('pdftotext', ['-bbox', path, '-']))
    .split('<page ')
    .slice(1)
    .map((part, page) => {
      const [width = 0, height = 0] = numbers(part.slice(0, part.indexOf('>')));
      const words = [...part.matchAll(/<word ([^>]*)>([^<]*)<\/word>/g)].map(([, tag = '', text = '']): Word => {
        const [left = 0, top = 0, right = 0, bottom = 0] = numbers(tag);
        return { page, text, left, top, right, bottom };
      });
      return { width, height, words };
    });

/** Words beyond the edge of their page. */
export const outside = (pages: readonly PageWords[]): string[] =>
  pages.flatMap(({ width, height, words }) =>
    words
      .filter(({ left, top, right, bottom }) => left < 0 || top < 0 || right > width || bottom > height)
      .map(({ page, text }) => `page ${page + 1}: ${text}`),
  );

/** A letter's box is taller than the letter; words that share less than this are readable. */
const SHARED = 0.25;

/** Pairs of words of one page that cover more than a quarter of the smaller one. */
export const overlapping = (pages: readonly PageWords[]): string[] =>
  pages.flatMap(({ words }) =>
    words.flatMap((a, index) =>
      words.slice(index + 1).flatMap((b) => {
        const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (width <= 0 || height <= 0) return [];
        const area = (word: Word): number => (word.right - word.left) * (word.bottom - word.top);
        return width * height > SHARED * Math.min(area(a), area(b))
          ? [`page ${a.page + 1}: ${a.text} over ${b.text}`]
          : [];
      }),
    ),
  );

/** Share of a page's height that may be without a word between two lines, or below the last. */
const BLANK = 0.45;
/** Foot of every page. */
const FOOTER = 46;

const bodyOf = ({ height, words }: PageWords): Word[] =>
  words.filter(({ bottom }) => bottom < height - FOOTER).toSorted((a, b) => a.top - b.top);

/** True where what follows takes more than a band could hold: its own page is nearly full. */
const isFull = (page: PageWords | undefined): boolean =>
  page === undefined || Math.max(0, ...bodyOf(page).map(({ bottom }) => bottom)) > (1 - BLANK / 2) * page.height;

/** Pages on which a band as high as nearly half of the page holds no word although what follows had room there. */
export const blankBands = (pages: readonly PageWords[]): string[] =>
  pages.flatMap((page, index) => {
    const { height } = page;
    let end = 0;
    const last = { top: height - FOOTER, bottom: height };
    for (const line of [...bodyOf(page), last]) {
      const isAllowed = line === last && (index === pages.length - 1 || isFull(pages[index + 1]));
      if (line.top - end > BLANK * height && !isAllowed)
        return [`page ${index + 1}: nothing from ${Math.round(end)} to ${Math.round(line.top)}`];
      end = Math.max(end, line.bottom);
    }
    return [];
  });
