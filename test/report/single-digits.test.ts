// Single digits of a report are changed, one report each: in words and tables of its pages, in its pictures, in what it carries, in the file as it
// lies on the disk. Every change is to be found. EVERY_DIGIT=1 takes a hundred instead of a sample.
import { expect, test } from 'vitest';
import type { Attachment } from '../../src/render/pdf.ts';
import type { Page } from '../../src/render/page.ts';
import { seededRandom } from '../../src/stats/random.ts';
import type { Report } from '../../src/report/compose.ts';
import { carriedOf, evidentReport, pdfWith, verify } from './verified.ts';

const CHANGES = process.env['EVERY_DIGIT'] === '1' ? 100 : 16;
const SEED = 20_261_129;

/** The text with the digit at one of these places another one. */
const turned = (text: string, places: readonly number[], random: () => number): string => {
  const at = places[Math.floor(random() * places.length)] ?? 0;
  const digit = Number(text[at]);
  const other = (digit + 1 + Math.floor(random() * 9)) % 10;
  return `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
};

const placesOf = (text: string, pattern: RegExp): number[] => [...text.matchAll(pattern)].flatMap(({ index, 0: found }) =>
  [...found].flatMap((letter, at) => (/\d/.test(letter) ? [index + at] : []))); // prettier-ignore

const changedPages = (pages: readonly Page[], pattern: RegExp, random: () => number): readonly Page[] => {
  // The values of a picture are no part of the document; numbers.json holds them.
  const text = JSON.stringify(pages, (key, value: unknown) => (key === 'points' ? undefined : value));
  return JSON.parse(turned(text, placesOf(text, pattern), random));
};

const changedFile = (files: readonly Attachment[], name: string, random: () => number): readonly Attachment[] =>
  files.map((each) => {
    if (each.name !== name) return each;
    const text = Buffer.from(each.bytes).toString('utf8');
    return { ...each, bytes: Buffer.from(turned(text, placesOf(text, /\d/g), random)) };
  });

/** Digits of the file that stand in no stream: places of objects, sizes, dates, names. */
const changedBytes = (pdf: Buffer, random: () => number): Buffer => {
  const text = pdf.toString('latin1');
  const open = text.replace(/stream\r?\n[^]*?endstream/g, (found) => ' '.repeat(found.length));
  return Buffer.from(turned(text, placesOf(open, /\d/g), random), 'latin1');
};

type Change = (report: Report, files: readonly Attachment[], pdf: Buffer, random: () => number) => Promise<Buffer>;

const KINDS: readonly (readonly [string, Change])[] = [
  ['words', (report, files, _pdf, random) => pdfWith({ ...report, pages: changedPages(report.pages, /"(?:title|subtitle|text|figure)":"[^"]*"/g, random) }, files)],
  ['labels of pictures', (report, files, _pdf, random) => pdfWith({ ...report, pages: changedPages(report.pages, /(?<=<text[^>]*>)[^<]*\d[^<]*(?=<\/text>)/g, random) }, files)],
  ['places in pictures', (report, files, _pdf, random) => pdfWith({ ...report, pages: changedPages(report.pages, /(?<=translate\()\d+|(?<=<text x=\\")\d+/g, random) }, files)],
  ['numbers.json', (report, files, _pdf, random) => pdfWith(report, changedFile(files, 'numbers.json', random))],
  ['rows.jsonl', (report, files, _pdf, random) => pdfWith(report, changedFile(files, 'rows.jsonl', random))],
  ['inputs.json', (report, files, _pdf, random) => pdfWith(report, changedFile(files, 'inputs.json', random))],
  ['the file', async (_report, _files, pdf, random) => changedBytes(pdf, random)],
]; // prettier-ignore

/** How a changed report is found: a difference, or a file that is refused. */
const isFound = async (changed: Buffer): Promise<boolean> => {
  try {
    return (await verify(changed)).differences.length > 0;
  } catch {
    return true;
  }
};

test(`${CHANGES} of ${CHANGES} changes of a single digit are found`, async () => {
  const source = seededRandom(SEED);
  const random = (): number => source.uniform();
  const report = await evidentReport();
  const files = carriedOf(report);
  const pdf = await pdfWith(report, files);
  const missed: string[] = [];
  for (let at = 0; at < CHANGES; at++) {
    const [kind = '', change] = KINDS[at % KINDS.length] ?? [];
    const changed = await change?.(report, files, pdf, random);
    if (changed === undefined || !(await isFound(changed))) missed.push(`${at}: ${kind}`);
  }
  expect(missed).toEqual([]);
}, 600_000); // prettier-ignore
