// One chart by itself, drawn by what draws it elsewhere: the pages of the report, the trend of a measurement, the diff of profiles.
// Draws nothing of its own.
import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { readNamedText } from '../fs/named-text.ts';
import { profileDiffSchema, type ProfileDiff } from '../profile/diff/profile-diff-schema.ts';
import { spansOf, type Text } from '../render/document.ts';
import { plural } from '../render/numbers.ts';
import type { Page } from '../render/page.ts';
import { titledPicture } from '../render/titled-picture.ts';
import { inputFault } from '../text/fault.ts';
import { parseJson } from '../text/json.ts';
import { typesetPages } from './compose.ts';
import type { PagePlan } from './page-plan.ts';
import { heatmapPages } from './pages/heatmap.ts';
import { rooflinePages } from './pages/roofline.ts';
import { scatterPages } from './pages/scatter.ts';
import type { ReportData } from './report-data.ts';

/** Of a campaign; each is a page of its report. */
export const CAMPAIGN_CHARTS = ['scatter', 'heatmap', 'roofline'] as const;
export type CampaignChart = (typeof CAMPAIGN_CHARTS)[number];

export interface Chart {
  /** What it shows, in a sentence. */
  readonly finding: string;
  readonly svg: string;
  readonly page: number;
  /** Of how many: a chart with many panels takes several. */
  readonly pages: number;
}

const PLANS: Readonly<Record<CampaignChart, PagePlan>> = {
  scatter: scatterPages,
  heatmap: heatmapPages,
  roofline: rooflinePages,
};

const plain = (text: Text): string =>
  spansOf(text)
    .map((span) => (typeof span === 'string' ? span : String(Object.values(span)[0])))
    .join('');

/** The picture of a page under its title; null for a page of tables. */
const pictureOf = ({ title, subtitle, blocks }: Page): string | null => {
  const picture = blocks.find((block) => block.kind === 'picture');
  return picture === undefined ? null : titledPicture({ title, subtitle: plain(subtitle) }, picture.svg);
};

/** A picture a page; tables as the typesetter sets them, which may take more pages. */
const picturesOf = async (data: ReportData, pages: readonly Page[], now: Date): Promise<readonly string[]> => {
  const drawn = pages.map(pictureOf).filter((svg) => svg !== null);
  if (drawn.length === pages.length) return drawn;
  return (await typesetPages(data, pages, now)).pictures().map(({ svg }) => svg);
};

/** Throws a Fault `chart_absent` where the rows do not allow it, `page_unknown`, and for tables `typesetter_absent`. */
export const campaignChart = async (
  kind: CampaignChart,
  data: ReportData,
  { page: number, now }: { readonly page: number; readonly now: Date },
): Promise<Chart> => {
  const { pages, omissions } = PLANS[kind](data);
  const [first] = pages;
  if (first === undefined) {
    const { why = 'nothing to draw', how_to_fix: fix = 'import measurements' } = omissions[0] ?? {};
    throw inputFault('chart_absent', `${data.campaign} has no ${kind}: ${why}`, { fix });
  }
  const pictures = await picturesOf(data, pages, now);
  const svg = pictures[number - 1];
  if (svg === undefined)
    throw inputFault('page_unknown', `the ${kind} has ${plural(pictures.length, 'page')}, not ${number}`, {
      fix: `ask for a page from 1 to ${pictures.length}`,
    });
  return { finding: first.title, svg, page: number, pages: pictures.length };
};

/** What a diff of profiles leaves: the diff itself, or the comparison with a baseline that holds it. */
const diffFileSchema = z.union([
  profileDiffSchema,
  z.object({ profile: profileDiffSchema }).transform(({ profile }) => profile),
]);

const DIFF_FILES = ['profile-diff.json', 'diff.json'] as const;

const diffFile = (path: string): string => {
  const isFolder = (place: string): boolean => statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder(path)) return path;
  const names = DIFF_FILES.map((name) => join(path, name));
  return (
    names.find((name) => statSync(name, { throwIfNoEntry: false })?.isFile() === true) ?? join(path, DIFF_FILES[0])
  );
};

/** The diff that a folder or file holds, and its name. Throws a Fault `profile_diff_malformed` that names the file. */
export const readProfileDiff = async (
  path: string,
  signal: AbortSignal,
): Promise<{ readonly diff: ProfileDiff; readonly name: string }> => {
  const file = diffFile(path);
  const parsed = diffFileSchema.safeParse(parseJson(await readNamedText(file, { signal }), file));
  if (parsed.success) return { diff: parsed.data, name: basename(dirname(file)) };
  const [issue] = parsed.error.issues;
  throw inputFault('profile_diff_malformed', `${file} holds no profile diff of this version: ${issue?.message ?? ''}`, {
    path: file,
    fix: 'compare again: profile_profile_diff, and name the folder that it wrote',
  });
};
