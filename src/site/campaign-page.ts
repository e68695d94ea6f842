// The page of a campaign: how far it is, what its atlas covers, which variant to ship, and the reports that lie beside it. Shows what
// the campaign says; chooses and judges nothing.
import { existsSync, lstatSync } from 'node:fs';
import { basename } from 'node:path';
import { usableConfig } from '../campaign/import-answer.ts';
import { championPath, reportPath } from '../campaign/layout.ts';
import { campaignStanding, type CampaignStanding, type CellState } from '../campaign/status.ts';
import { championPage } from '../champion/champion-page.ts';
import { championSchema, type ShownRecord } from '../champion/champion-record.ts';
import { fileEnds } from '../fs/file-ends.ts';
import { readNamedText } from '../fs/named-text.ts';
import {
  heading,
  leftColumn,
  paragraph,
  rightColumn,
  table,
  type Block,
  type Ground,
  type Span,
  type Text,
} from '../render/document.ts';
import { formatCount, plural } from '../render/numbers.ts';
import { OUR_PAGE, OUR_PDF } from '../report/report-files.ts';
import { parseJsonObject } from '../text/json.ts';
import { redacted } from '../text/redact.ts';
import { fullTable, joined, pageLink, type SiteCopy, type SitePage } from './site-page.ts';
import { CAMPAIGNS, campaignFilePath, campaignPath } from './site-paths.ts';

export interface ReadCampaign {
  readonly name: string;
  readonly standing: CampaignStanding;
  /** Null where nothing was picked, or the pick cannot be read. */
  readonly champion: ShownRecord | null;
  readonly copies: readonly SiteCopy[];
  readonly problems: readonly string[];
}

/** Reports that are taken over, each with how ours begins. */
const REPORTS: readonly (readonly [extension: string, ours: RegExp])[] = [
  ['.pdf', OUR_PDF],
  ['.html', OUR_PAGE],
];

const reportCopies = async (campaign: string): Promise<SiteCopy[]> => {
  const pdf = reportPath(campaign);
  const copies: SiteCopy[] = [];
  for (const [extension, ours] of REPORTS) {
    const from = `${pdf.slice(0, -'.pdf'.length)}${extension}`;
    if (lstatSync(from, { throwIfNoEntry: false })?.isFile() !== true) continue;
    if (ours.test((await fileEnds(from)).head))
      copies.push({ kind: 'copy', path: campaignFilePath(basename(campaign), basename(from)), from });
  }
  return copies;
};

const readChampion = async (campaign: string, secrets: readonly string[]) => {
  const path = championPath(campaign);
  if (!existsSync(path)) return { champion: null, problem: null };
  try {
    const parsed = championSchema.safeParse(parseJsonObject(await readNamedText(path), path));
    if (parsed.success) return { champion: redacted(parsed.data, secrets), problem: null };
    const [issue] = parsed.error.issues;
    return { champion: null, problem: `${basename(path)}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` };
  } catch (error) {
    return { champion: null, problem: error instanceof Error ? error.message : String(error) };
  }
};

/** Everything that the page of a campaign shows. */
export const readCampaign = async (
  folder: string,
  secrets: readonly string[],
  signal: AbortSignal,
): Promise<ReadCampaign> => {
  const { config, problem } = await usableConfig(folder, signal);
  const picked = await readChampion(folder, secrets);
  return {
    name: basename(folder),
    standing: redacted(await campaignStanding(folder, config), secrets),
    champion: picked.champion,
    copies: await reportCopies(folder),
    problems: [problem, picked.problem].filter((each) => each !== null),
  };
};

const STATES: Readonly<Record<CellState, Ground>> = {
  measured: 'good',
  partial: 'doubt',
  failed: 'bad',
  evicted: 'plain',
  to_run: 'plain',
  to_import: 'plain',
};

const stateBadge = (state: CellState): Span => ({ badge: state.replace('_', ' '), ground: STATES[state] });

export const doneBadge = (done: boolean): Span =>
  done ? { badge: 'done', ground: 'good' } : { badge: 'open', ground: 'plain' };

const stepTable = ({ steps }: CampaignStanding): Block =>
  table(
    [leftColumn('Step'), leftColumn('State'), leftColumn('What is there, or missing'), leftColumn('Next')],
    steps.map(({ step, done, says, next }): Text[] => [step, [doneBadge(done)], says, next === null ? '' : [{ code: next }]]),
  ); // prettier-ignore

const MOST_CELLS = 2000;

const cellBlocks = ({ cells }: CampaignStanding): Block[] => {
  if (cells.length === 0) return [];
  const rows = cells.slice(0, MOST_CELLS).map((cell): Text[] => [
    cell.cell_id,
    [stateBadge(cell.state)],
    formatCount(cell.atlas_rows),
    cell.impossible_rows === 0 ? '' : plural(cell.impossible_rows, 'row'),
    cell.grounding.join(', '),
    cell.missing ?? '',
  ]);
  const rest = cells.length - rows.length;
  return [
    heading('Cells'),
    ...(rest > 0 ? [paragraph(`The first ${formatCount(rows.length)} of ${formatCount(cells.length)}.`)] : []),
    fullTable(
      [leftColumn('Cell'), leftColumn('State'), rightColumn('Rows'), rightColumn('Cannot be true'), leftColumn('Grounded by'), leftColumn('Lacks')],
      rows,
    ),
  ];
}; // prettier-ignore

/** What a list says of the pick. */
export const championLine = ({ champion }: ReadCampaign): string =>
  champion === null ? 'none picked' : `${champion.banner}: ${champion.says}`;

export const campaignPage = (campaign: ReadCampaign): SitePage => {
  const { name, standing, champion, copies, problems } = campaign;
  const path = campaignPath(name);
  const links = copies.map((copy) => pageLink(path, basename(copy.path), copy.path));
  return {
    kind: 'page',
    path,
    title: name,
    lead: [doneBadge(standing.done), ` ${championLine(campaign)}`],
    section: 'campaigns',
    trail: [{ title: 'Campaigns', path: CAMPAIGNS }],
    blocks: [
      ...problems.map((problem) => ({ kind: 'note', text: problem }) as const),
      {
        kind: 'figures',
        items: [
          { label: 'Status', value: [doneBadge(standing.done)] },
          { label: 'Atlas', value: standing.coverage?.header_line ?? 'no atlas that can be read' },
          { label: 'Champion', value: championLine(campaign) },
          { label: 'Reports', value: links.length === 0 ? 'none rendered' : joined(links, ' · ') },
        ],
      },
      stepTable(standing),
      ...(champion === null ? [] : [heading(`Champion: ${champion.title}`), ...championPage(champion).blocks]),
      ...cellBlocks(standing),
    ],
  };
};

export const unreadCampaignPage = (folder: string, reason: string): SitePage => ({
  kind: 'page',
  path: campaignPath(basename(folder)),
  title: basename(folder),
  lead: 'cannot be read',
  section: 'campaigns',
  trail: [{ title: 'Campaigns', path: CAMPAIGNS }],
  blocks: [{ kind: 'note', text: `Cannot be read: ${reason}` }],
});
