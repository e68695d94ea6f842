// Reports held against the standard that they claim, PDF/A-3a, by veraPDF, and against their own structure, by qpdf.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { typesetReport, type Report } from '../../src/report/compose.ts';
import { smokeRows } from '../../src/report/smoke/fixture.ts';
import { muchEvidence } from './evidence.ts';
import { canReadPdf, qpdfSays } from './pdf-tools.ts';
import { reportOf, row } from './rows.ts';

const jar = resolve('.cache/bin/verapdf-1.28.2.jar');
const lacking = existsSync(jar)
  ? null
  : '.cache/bin has no veraPDF: .ci/install-tools brings it where Maven can be asked';
if (lacking !== null) console.warn(`skipped: PDF/A-3a: ${lacking}`);

const NOTE = Buffer.from('{"a":1}\n');
const ATTACHED = { name: 'numbers.json', mime: 'application/json', description: 'the numbers', bytes: NOTE };
const full = reportOf([1, 8, 32].flatMap((concurrency) => [row({ concurrency }), row({ concurrency, cell_id: 'tp', parallel_strategy: 'TP' })]), {
  evidence: muchEvidence,
  variantsLine: 'naïve “quotes”, → arrows and 中文',
}); // prettier-ignore

const REPORTS: readonly (readonly [name: string, report: Report, attached: boolean])[] = [
  ['made-up', reportOf(smokeRows(), { invented: true }), false],
  ['full', full, false],
  ['full-with-attachment', full, true],
];

const pdfs = Promise.all(
  REPORTS.map(async ([name, report, attached]) => {
    const { pdf } = await typesetReport(report, 'profile-and-optimize', attached ? [ATTACHED] : []);
    return { name, pdf };
  }),
);

/** A line a file: `PASS made-up.pdf 3a`. */
const verdicts = async (): Promise<readonly string[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'pdfa-'));
  try {
    for (const { name, pdf } of await pdfs) writeFileSync(join(folder, `${name}.pdf`), pdf);
    const args = ['-cp', jar, 'org.verapdf.apps.GreenfieldCliWrapper', '--flavour', '3a', '--format', 'text', folder];
    return execFileSync('java', args, { encoding: 'utf8' }).trim().replaceAll(`${folder}/`, '').split('\n').toSorted();
  } finally {
    rmSync(folder, { recursive: true });
  }
};

describe('the standard that a report claims', () => {
  test.skipIf(lacking !== null)(
    'is met: veraPDF finds no fault with PDF/A-3a, with and without attachments',
    async () => {
      expect(await verdicts()).toEqual(['PASS full-with-attachment.pdf 3a', 'PASS full.pdf 3a', 'PASS made-up.pdf 3a']);
    },
    120_000,
  );

  test.skipIf(!canReadPdf)('has a structure that qpdf finds sound', async () => {
    for (const { name, pdf } of await pdfs)
      expect(qpdfSays(pdf), name).toContain('No syntax or stream encoding errors');
  });
});
