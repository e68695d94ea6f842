import { deflateSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Attachment } from '../../src/render/pdf.ts';
import { pdfProblem } from '../../src/render/pdf-guard.ts';
import type { Report } from '../../src/report/compose.ts';
import { smokeRows } from '../../src/report/smoke/fixture.ts';
import { carriedFiles } from '../../src/report/attachments.ts';
import { reportInputs } from '../../src/report/report-inputs.ts';
import { PRODUCT, carriedOf, evidentReport, pdfWith, verify } from './verified.ts';
import { reportOf, row } from './rows.ts';

let report: Report;
let carried: readonly Attachment[];
let pdf: Buffer;
beforeAll(async () => {
  report = await evidentReport();
  carried = carriedOf(report);
  pdf = await pdfWith(report, carried);
}, 60_000);

const edited = (name: string, edit: (text: string) => string): readonly Attachment[] =>
  carried.map((each) =>
    each.name === name ? { ...each, bytes: Buffer.from(edit(Buffer.from(each.bytes).toString('utf8'))) } : each,
  );

describe('a report that was not changed', () => {
  test('gives the same bytes again from what it carries: rows, capacity, pick, kernels and sweep', async () => {
    expect(report.status.rendered_pages).toEqual(expect.arrayContaining(['scatter', 'capacity', 'kernels', 'roofline', 'champion']));
    expect(await verify(pdf)).toMatchObject({ sameBuild: true, sameBytes: true, differences: [], rows: report.data.rows.length });
  });

  test('of the made-up campaign does so too', async () => {
    const smoke = reportOf(smokeRows(), { invented: true });
    expect(await verify(await pdfWith(smoke, carriedOf(smoke)))).toMatchObject({ sameBytes: true, differences: [] });
  }, 60_000);

  test('by another build is compared by its words and pictures', async () => {
    const other = carriedOf(report);
    const foreign = other.map((each) => each); // the same bytes: only who asks differs
    const bytes = await pdfWith(report, foreign);
    const tail = Buffer.concat([bytes, Buffer.from('% 1\n')]);
    const found = await verify(tail);
    expect(found).toMatchObject({ sameBytes: false });
    expect(found.differences).toEqual([expect.objectContaining({ in: 'document', place: 'bytes that no reader shows' })]);
  });
}); // prettier-ignore

describe('a change is found with its place', () => {
  test('in the words of a page', async () => {
    const pages = report.pages.map((page) => (page.id === 'heatmap' ? JSON.parse(JSON.stringify(page).replace('"text":"120.0"', '"text":"129.0"')) : page));
    const { differences } = await verify(await pdfWith({ ...report, pages }, carried));
    expect(differences).toEqual([expect.objectContaining({ in: 'page', page: expect.any(Number), shown: '129.0', derived: '120.0', place: expect.stringMatching(/^heatmap: table \d+, row \d+, column \d+$/) })]);
  });

  test('in a figure of the rows: every page that shows it differs, and the hash of the rows', async () => {
    const changed = edited('rows.jsonl', (text) => text.replace('"ttft_avg_ms":310.5', '"ttft_avg_ms":318.5'));
    const { differences } = await verify(await pdfWith(report, changed));
    expect(differences).toEqual(expect.arrayContaining([
      expect.objectContaining({ in: 'page', shown: '310.5', derived: '318.5' }),
      expect.objectContaining({ in: 'numbers.json', shown: '310.5', derived: '318.5' }),
      expect.objectContaining({ in: 'rows.jsonl', place: 'sha256, as numbers.json states it' }),
    ]));
  });

  test('in the pick: its figures follow from the rows', async () => {
    const changed = edited('inputs.json', (text) => text.replace('"pct_win_vs_baseline": 20', '"pct_win_vs_baseline": 26'));
    const { differences } = await verify(await pdfWith(report, changed));
    expect(differences).toContainEqual({ in: 'champion', page: null, place: 'fast, pct_win_vs_baseline', shown: '26', derived: '20' });
  });

  test('in a place of a picture', async () => {
    const text = JSON.stringify(report.pages);
    const pages = JSON.parse(text.replace(/(translate\(\d+)(\d)/, (_, before: string, digit: string) => `${before}${(Number(digit) + 4) % 10}`));
    const { differences } = await verify(await pdfWith({ ...report, pages }, carried));
    expect(differences[0]).toMatchObject({ in: 'drawing', page: 1 });
  });

  test('in the shapes of letters, where a report that says it is of another build reads as its rows give', async () => {
    const files = carriedFiles(report, reportInputs(report, { ...PRODUCT, version: '0.0.9' }, []));
    const honest = await pdfWith(report, files);
    const text = honest.toString('latin1');
    const [one = '', other = ''] = [...text.matchAll(/\/FontFile[23]? (\d+ 0 R)/g)].map(([, named]) => named);
    expect(one).toHaveLength(other.length);
    const exchanged = text.replace(/(?<=\/FontFile[23]? )\d+ 0 R/g, (named) => (named === one ? other : named === other ? one : named));
    expect(await verify(honest)).toMatchObject({ sameBuild: false, differences: [] });
    const { differences } = await verify(Buffer.from(exchanged, 'latin1'));
    expect(differences).toContainEqual(expect.objectContaining({ in: 'drawing', page: 1, place: expect.stringMatching(/^the shape of the letter "." of DejaVuSans/) }));
  }, 60_000);

  test('where rows and pages were forged alike only a digest of elsewhere shows it', async () => {
    const forged = reportOf([row({ output_tps_per_gpu: 99, schema_version: 2 })]);
    expect((await verify(await pdfWith(forged, carriedOf(forged)))).differences).toEqual([]);
  });
}); // prettier-ignore

const DEEP = `${'['.repeat(100)}${']'.repeat(100)}`;

describe('what is carried is a stranger’s', () => {
  test.each([
    ['nesting', 'rows.jsonl', (text: string) => `${text}${DEEP}\n`, /nested 100 levels/],
    ['a name of the prototype', 'inputs.json', (text: string) => text.replace('{', '{"__proto__": {"x": 1},'), /__proto__/],
    ['such a name, escaped', 'inputs.json', (text: string) => text.replace('{', '{"\\u005f_proto__": {"x": 1},'), /__proto__/],
    ['a number that none holds', 'rows.jsonl', (text: string) => text.replace('"ttft_avg_ms":310.5', '"ttft_avg_ms":1e999'), /ttft_avg_ms/],
    ['a field that nobody declared', 'rows.jsonl', (text: string) => text.replace('{', '{"run":"rm",'), /no field of a row/],
    ['a path as a cell', 'rows.jsonl', (text: string) => text.replace('"cell_id":"glm-base"', '"cell_id":"../../etc"'), /no name of a cell/],
    ['a name that no page can hold', 'inputs.json', (text: string) => text.replace(/(?<="report": \{\s*)"campaign": "[^"]*"/, () => `"campaign": "${'long '.repeat(8000)}"`), /cannot be typeset/],
    ['no JSON', 'numbers.json', () => 'hello', /numbers\.json/],
    ['no rows at all', 'rows.jsonl', () => '# nothing\n', /rows\.jsonl/],
    ['evidence of another shape', 'inputs.json', (text: string) => text.replace('"labelled": [', '"labelled": ["1",'), /labelled/],
    ['evidence that no page can draw', 'inputs.json', (text: string) => text.replace('"kernels": [\n      {', '"kernels": [\n      7,\n      {'), /./],
  ] as const)('%s is a difference, never an error of ours', async (_case, name, edit, why) => {
    const { differences } = await verify(await pdfWith(report, edited(name, edit)));
    expect(differences.map(({ shown, place }) => `${place} ${shown}`).join('\n')).toMatch(why);
  });

  test('files that no report carries, whatever their names', async () => {
    const extra: Attachment = { name: 'passwd', mime: 'text/plain', description: '', bytes: Buffer.from('x') };
    const { differences } = await verify(await pdfWith(report, [...carried, extra]));
    expect(differences[0]?.shown).toContain('"passwd"');
  });

  test('a report without rows cannot be verified, and its digest is named', async () => {
    await expect(verify(await pdfWith(report, []))).rejects.toMatchObject({
      code: 'report_without_rows', details: { data: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } },
    });
  });
}); // prettier-ignore

const file = (...parts: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat([Buffer.from('%PDF-1.7\n'), ...parts.map((part) => Buffer.from(part)), Buffer.from('\n%%EOF')]);
const stream = (dictionary: string, data: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`1 0 obj\n<< ${dictionary} >>\nstream\n`), data, Buffer.from('\nendstream\nendobj\n')]);
const BOMB = deflateSync(Buffer.alloc(4_000_000));
const LIMITS = { bytes: 1_000_000, unpackedBytes: 1_000_000, streams: 3, drawnBytes: 500_000 };

describe('a PDF that could harm its reader is refused before it is read', () => {
  test.each([
    ['a stream that unpacks beyond measure', stream('/Filter /FlateDecode', BOMB), /unpack to more than 1 MB/],
    ['one that does not say that it is packed', stream('/Length 10', BOMB), /unpack to more than 1 MB/],
    ['one behind a long dictionary', stream(`/X (${'x'.repeat(9000)}) /Filter /FlateDecode`, BOMB), /unpack to more than 1 MB/],
    ['one whose data begins with an end', Buffer.concat([stream('', Buffer.from('endstream\n')), stream('/Filter /FlateDecode', BOMB)]), /unpack/],
    ['many small streams', Buffer.concat(Array.from({ length: 5 }, () => stream('/Filter /FlateDecode', deflateSync(Buffer.from('x'))))), /more than 3 streams/],
    ['a stream that is packed twice', stream('/Filter [/FlateDecode /FlateDecode]', deflateSync(BOMB)), /packed more than once/],
    ['a filter by another object', stream('/Filter 7 0 R', BOMB), /packed more than once/],
    ['a filter by its short name', stream('/F [/Fl /Fl]', deflateSync(BOMB)), /packed more than once/],
    ['such names in another object', Buffer.concat([stream('/F 7 0 R', deflateSync(BOMB)), Buffer.from('7 0 obj [ /Fl /Fl ] endobj')]), /packed more than once/],
    ['a filter that spells itself otherwise', stream('/#46ilter /Flate#44ecode', BOMB), /spells names/],
    ['another packing', stream('/Filter /LZWDecode', BOMB), /LZWDecode/],
    ['objects in streams', Buffer.from('/Type /ObjStm'), /hides objects/],
    ['encryption', Buffer.from('trailer << /Encrypt 3 0 R >>'), /encrypted/],
    ['a script', Buffer.from('<< /S /JavaScript /JS (app.alert(1)) >>'), /runs or opens/],
    ['a picture that draws others', Buffer.from('<< /XObject << /X 7 0 R >> >>'), /drawn again and again/],
    ['a mask that is drawn', Buffer.from('<< /SMask << /G 7 0 R >> >>'), /drawn again and again/],
    ['a program to launch', Buffer.from('<< /S /Launch /F (cmd.exe) >>'), /runs or opens/],
    ['a page of more than a page draws', Buffer.concat([stream('/Filter /FlateDecode', deflateSync(Buffer.alloc(600_000))), Buffer.from('<< /Type /Page /Contents 1 0 R >>')]), /draw more than 500 kB/],
    ['one that is not packed', Buffer.concat([stream('/Length 600000', Buffer.alloc(600_000, 32)), Buffer.from('<< /Type /Page /Contents 1 0 R >>')]), /draw more than/],
    ['a stream that is drawn again and again', Buffer.from('<< /Contents [1 0 R 1 0 R] >>'), /never puts together/],
    ['a stream of two pages', Buffer.concat([stream('', Buffer.from('q')), Buffer.from('<< /Contents 1 0 R >> << /Contents 01 0 R >>')]), /never puts together/],
    ['contents that spell themselves otherwise', Buffer.from('<< /Cont#65nts [1 0 R] >>'), /spells names/],
    ['size', Buffer.alloc(1_100_000), /1\.1 MB/],
  ] as const)('%s', (_case, content, why) => {
    expect(pdfProblem(file(content), LIMITS)).toMatch(why);
  });

  test.each([
    ['no PDF', Buffer.from('hello'), 'not_a_report'],
    ['a PDF of nothing', file(), 'not_a_report'],
    ['a PDF that is cut off', () => pdf.subarray(0, 5000), 'not_a_report'],
    ['a refused one', file(stream('/Filter /LZWDecode', BOMB)), 'report_refused'],
  ] as const)('%s is an input error', async (_case, content, code) => {
    await expect(verify(typeof content === 'function' ? content() : content)).rejects.toMatchObject({ code });
  });
}); // prettier-ignore
