// The digests of rendered reports, kept apart from the reports: one line each in `reports/digests.jsonl` of the artifacts, every line with
// the hash of the one before, never rewritten. A report that was forged in all of its parts is found by them alone.
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { appendLine, fixTornTail, lastLine, linesBackward } from '../fs/append-line.ts';
import { withLock } from '../fs/lock.ts';
import { artifactsFolder } from '../fs/root.ts';
import { canonicalJson, jsonLine } from '../text/json.ts';
import { isoSeconds } from '../text/time.ts';
import type { VerbContext } from '../verb/context.ts';
import { rowsText, sha256Of, type Carries } from './attachments.ts';
import type { Report } from './compose.ts';

const digestText = z.string().regex(/^[0-9a-f]{64}$/);

const digestSchema = z.strictObject({
  schema_version: z.literal('report_digest_v1'),
  campaign: z.string(),
  /** Whole seconds, ISO 8601 UTC: what the report says of itself. */
  rendered_utc: z.string(),
  sha256: digestText,
  /** Of the rows that it carries; null where it carries none. */
  rows_sha256: digestText.nullable(),
  /** When it was written down. */
  at: z.string(),
  /** Hash of the line before; null for the first. */
  prev: digestText.nullable(),
});

type ReportDigest = z.output<typeof digestSchema>;

const digestsPath = (root: string): string => join(artifactsFolder(root), 'reports', 'digests.jsonl');

const parsed = (line: string | undefined): ReportDigest | undefined => {
  if (line === undefined) return undefined;
  try {
    return digestSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
};

const hashOf = (line: ReportDigest): string => createHash('sha256').update(canonicalJson(line)).digest('hex');

interface Kept {
  readonly pdf_sha256: string | null;
  readonly digests_path: string | null;
}

export const NOT_KEPT: Kept = { pdf_sha256: null, digests_path: null };

/** Writes a digest down, once for the same bytes. Returns the path of the list. */
const recordDigest = (
  root: string,
  digest: Omit<ReportDigest, 'schema_version' | 'prev'>,
  signal: AbortSignal,
): Promise<string> => {
  const path = digestsPath(root);
  return withLock(
    join(dirname(path), '.lock'),
    async () => {
      await mkdir(dirname(path), { recursive: true });
      fixTornTail(path);
      const last = parsed(lastLine(path));
      if (last?.sha256 === digest.sha256) return path;
      const line: ReportDigest = { schema_version: 'report_digest_v1', ...digest, prev: last === undefined ? null : hashOf(last) };
      await appendLine(path, jsonLine(line), { sync: true });
      return path;
    },
    { signal },
  );
}; // prettier-ignore

/** Keeps the digest of a report that was written; of one without a PDF there is none. */
export const keepDigest = async (
  report: Report,
  pdf: Uint8Array | null,
  { attach }: Carries,
  { root, signal, now }: Pick<VerbContext, 'root' | 'signal' | 'now'>,
): Promise<Kept> => {
  if (pdf === null) return NOT_KEPT;
  const { campaign_id: campaign, rendered_utc } = report.status;
  const sha256 = sha256Of(pdf);
  const rows_sha256 = attach === 'none' ? null : sha256Of(rowsText(report));
  const digest = { campaign, rendered_utc, sha256, rows_sha256, at: isoSeconds(now().epochMs) };
  return { pdf_sha256: sha256, digests_path: await recordDigest(root, digest, signal) };
};

export interface DigestMatch {
  /** `match`: this very file; `other`: the same campaign and time with other bytes; `unknown`: nothing is known of it. */
  readonly known: 'match' | 'other' | 'unknown';
  /** The digests that are known for the campaign and time, newest first. */
  readonly expected: readonly string[];
  readonly list: string;
}

/** What the root knows of a report. */
export const findDigest = (root: string, sha: string, campaign: string, renderedUtc: string): DigestMatch => {
  const list = digestsPath(root);
  const expected: string[] = [];
  for (const text of linesBackward(list)) {
    const line = parsed(text);
    if (line === undefined) continue;
    if (line.sha256 === sha) return { known: 'match', expected: [sha], list };
    if (line.campaign === campaign && line.rendered_utc === renderedUtc) expected.push(line.sha256);
  }
  return { known: expected.length > 0 ? 'other' : 'unknown', expected, list };
};
