// perf_tune_report_report_verify: whether a report says what its rows give.
import { z } from 'zod';
import { readNamedBytes } from '../../src/fs/named-text.ts';
import { PDF_LIMITS } from '../../src/render/pdf-guard.ts';
import { plural } from '../../src/render/numbers.ts';
import { findDigest } from '../../src/report/report-digests.ts';
import { difference, differenceSchema } from '../../src/report/verify/difference.ts';
import { verifyReport } from '../../src/report/verify/verify-report.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

const NAMED = 8;

/** Of an answer; the first are those of the pages. */
const MOST = 200;

const WHAT_IT_PROVES =
  'agrees with itself; a forgery of rows and pages alike is found only by a digest that is kept elsewhere';

export const reportVerify = defineVerb({
  name: 'perf_tune_report_report_verify',
  family: 'report',
  library: 'perf_tune_report',
  verb: 'report_verify',
  title: 'Verify a report',
  description:
    'Derives every number of a report.pdf again from the rows that it carries, renders it again and names what differs. Needs no campaign. Rendered by perf_tune_report_report_render.',
  safety: 'read_only',
  fields: {
    report: pathField('The PDF.'),
    expect: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'is no sha256')
      .optional()
      .describe('Its sha256, as kept elsewhere.'),
  },
  positionals: ['report'],
  paths: { report: reads },
  computes: true,
  data: {
    report: z.string(),
    verified: z.boolean(),
    sha256: z.string(),
    rows_sha256: z.string().nullable(),
    campaign_id: z.string().nullable(),
    rendered_utc: z.string().nullable(),
    /** `match`: by `expect` or the root's list of digests; `other`: one of them names other bytes. */
    digest: z.enum(['match', 'other', 'unknown']),
    digest_says: z.string(),
    same_build: z.boolean(),
    same_bytes: z.boolean(),
    pages: z.number(),
    numbers: z.number(),
    rows: z.number(),
    differences: z.array(differenceSchema),
    difference_count: z.number(),
    proves: z.string(),
  },
  examples: [{ title: 'A report that came by mail', input: { report: './report.pdf' } }],
  run: async (input, context) => {
    const path = context.path(input.report);
    const pdf = await readNamedBytes(path, { limit: PDF_LIMITS.bytes, signal: context.signal });
    const found = await verifyReport(pdf, path, context.product, context.signal);
    const { sha256, campaign, renderedUtc } = found;
    const kept = findDigest(context.root, sha256, campaign ?? '', renderedUtc ?? '');
    const isOther = input.expect !== undefined && input.expect !== sha256;
    const digest = isOther ? 'other' : input.expect === undefined ? kept.known : 'match';
    const expected = isOther ? [input.expect ?? ''] : kept.expected;
    const differences = [
      ...(digest === 'other' ? [difference('document', null, 'sha256 of the file', sha256, expected.join(' or '))] : []),
      ...found.differences,
    ];
    return {
      report: path,
      verified: differences.length === 0,
      sha256,
      rows_sha256: found.rowsSha256,
      campaign_id: campaign,
      rendered_utc: renderedUtc,
      digest,
      digest_says:
        digest === 'unknown'
          ? `no digest of it is kept in ${kept.list}: compare the sha256 with whoever rendered it`
          : `by ${input.expect === undefined ? kept.list : 'the digest of this call'}`,
      same_build: found.sameBuild,
      same_bytes: found.sameBytes,
      pages: found.pages,
      numbers: found.numbers,
      rows: found.rows,
      differences: differences.slice(0, MOST),
      difference_count: differences.length,
      proves: WHAT_IT_PROVES,
    };
  },
  render: (data) => {
    const { verified, differences, difference_count: count, numbers, rows, pages } = data;
    const how = data.same_bytes ? 'the same bytes again' : data.same_build ? 'other bytes' : 'rendered by another build: words and pictures were compared';
    return [
      verified ? `VERIFIED: ${plural(numbers, 'number')} on ${plural(pages, 'page')} follow from ${plural(rows, 'row')}; ${how}` : `DIFFERS in ${plural(count, 'place')}`,
      ...differences.slice(0, NAMED).map((each) => `${each.in}${each.page === null ? '' : ` ${each.page}`}, ${each.place}: shows ${each.shown}, rows give ${each.derived}`),
      ...(count > NAMED ? [`… ${count - NAMED} more`] : []),
      `sha256 ${data.sha256}: ${data.digest} (${data.digest_says})`,
      ...(data.rows_sha256 === null ? [] : [`rows sha256 ${data.rows_sha256}`]),
      ...(verified && data.digest !== 'match' ? [data.proves] : []),
    ].join('\n');
  },
  exit_code: ({ verified }) => (verified ? 0 : 1),
}); // prettier-ignore
