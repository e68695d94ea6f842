// Opens what a report is made of: the rows of a campaign or of an atlas file, and what the campaign says of itself. Everything that
// pages show is read here, once.
import { basename } from 'node:path';
import type { CampaignConfig } from '../campaign/config.ts';
import { campaignRows } from '../campaign/campaign-rows.ts';
import { atlasRows } from '../campaign/row-text.ts';
import type { AtlasRow } from '../campaign/row.ts';
import { environmentSecrets } from '../text/redact.ts';
import { inputFault } from '../text/fault.ts';
import { NO_EVIDENCE, readEvidence, type Evidence, type EvidencePlaces } from './evidence.ts';
import { plainEvidence, wholeEvidence } from './plain-evidence.ts';
import { sharedRows } from './shared-rows.ts';
import { reportData, type ReportData } from './report-data.ts';

export interface OpenRequest {
  /** Absolute folder of the campaign. */
  readonly campaign: string;
  readonly config: CampaignConfig | null;
  /** Absolute path of an atlas to render in place of the campaign's. */
  readonly atlas: string | null;
  readonly title: string | null;
  readonly variantsLine: string | null;
  readonly dataSourceLine: string | null;
  readonly labelled: readonly number[];
  readonly context: EvidencePlaces;
}

const rowsOf = async ({ campaign, atlas, context: { signal } }: OpenRequest): Promise<readonly AtlasRow[]> => {
  const rows: AtlasRow[] = [];
  if (atlas === null) for await (const block of campaignRows(campaign, signal)) rows.push(...block);
  else for await (const row of atlasRows(atlas)) rows.push(row);
  if (rows.length === 0)
    throw inputFault('atlas_empty', `${atlas ?? campaign} holds no rows, so there is nothing to draw`, {
      path: atlas ?? campaign,
      fix: 'import measurements first: perf_tune_report_import_bench',
    });
  return rows;
};

/** Evidence as it may leave the house; whatever pages show is of it. */
const shared = (evidence: Evidence, secrets: readonly string[]): Evidence =>
  wholeEvidence(plainEvidence(evidence, secrets)) as Evidence; // checked boundary: the same value, some strings shorter

/** What the pages read. Throws a Fault `atlas_missing`, `atlas_empty`, or those of rows that cannot be read. */
export const openReport = async (request: OpenRequest): Promise<ReportData> => {
  const { campaign, config, title, variantsLine, dataSourceLine, labelled, atlas, context } = request;
  const name = basename(campaign);
  const secrets = environmentSecrets(context.env);
  const rows = sharedRows(await rowsOf(request), secrets);
  return reportData({
    campaign: name,
    title: title ?? `Performance report: ${config?.name ?? name}`,
    variantsLine,
    dataSourceLine,
    rows,
    focus: config?.focus ?? 'throughput',
    labelled,
    evidence: atlas === null ? shared(await readEvidence(campaign, rows, context), secrets) : NO_EVIDENCE,
    invented: false,
  });
};
