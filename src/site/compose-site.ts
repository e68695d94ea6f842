// A registry as the pages of a site, one after the other: what was read for a page is let go before the next is read, so that ten
// thousand entries take no more memory than the lines of their lists.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { campaignNames } from '../campaign/find-campaign.ts';
import { foldersIn } from '../registry/folder-names.ts';
import { placeOf, registryFolder } from '../registry/layout.ts';
import { momentOfSlug } from '../registry/slug.ts';
import { environmentSecrets } from '../text/redact.ts';
import { isoSeconds } from '../text/time.ts';
import type { TrendPoint } from '../trend/eras.ts';
import type { ChosenMetric } from '../trend/history.ts';
import { defaultRules } from '../verdict/judging-rules.ts';
import type { VerbContext } from '../verb/context.ts';
import { campaignPage, championLine, readCampaign, unreadCampaignPage } from './campaign-page.ts';
import { diffPage, unreadDiffPage, type DiffPageOptions } from './diff-page.ts';
import { entryPage } from './entry-page.ts';
import {
  campaignsPage,
  diffsPage,
  homePage,
  profileDiffsPage,
  type CampaignLine,
  type MeasurementLine,
  type ProfileDiffLine,
} from './list-pages.ts';
import { judgeHistory, measurementPages, type EntryLine, type JudgedHistory } from './measurement-page.ts';
import { profileDiffPage, profileDiffSlugs, readProfileDiff, unreadProfileDiffPage } from './profile-diffs.ts';
import {
  historyPoint,
  isDamaged,
  openMeasurement,
  readEntries,
  type OpenMeasurement,
  type ReadEntry,
  type ReadOptions,
} from './read-measurement.ts';
import type { Problem, SiteCopy, SitePage } from './site-page.ts';
import type { EntryName } from './site-paths.ts';
import { diffPlaces, diffSlugs, headlineOf, readStoredDiff, type ListedDiff } from './stored-diff.ts';

export interface SiteRequest {
  readonly context: VerbContext;
  /** Folder of the campaigns. */
  readonly campaigns: string;
  /** Leave out who and where: users, hosts, paths, commands. */
  readonly anonymous: boolean;
  readonly renderedAt: Date;
}

/** What a site holds, counted while its pages are made. */
export interface SiteTally {
  measurements: number;
  entries: number;
  diffs: number;
  profile_diffs: number;
  campaigns: number;
  readonly problems: Problem[];
}

export const emptyTally = (): SiteTally => ({
  measurements: 0,
  entries: 0,
  diffs: 0,
  profile_diffs: 0,
  campaigns: 0,
  problems: [],
});

type Made = AsyncGenerator<SitePage | SiteCopy>;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** When a slug says that it was made. */
const timeOf = (slug: string): string | null => {
  const moment = momentOfSlug(slug);
  return moment === undefined ? null : isoSeconds(moment.epochMs);
};

interface Making extends SiteRequest {
  readonly options: ReadOptions;
  readonly tally: SiteTally;
}

const makeDiff = async (name: EntryName, making: Making): Promise<{ page: SitePage; line: ListedDiff }> => {
  const { context, options, anonymous, tally } = making;
  const registry = registryFolder(context.root);
  const pageOptions: DiffPageOptions = {
    anonymous,
    hasPage: ({ family, measurement, slug }) => existsSync(join(registry, family, measurement, slug)),
  };
  const listed = { ...name, at: timeOf(name.slug) };
  try {
    const diff = await readStoredDiff(context.root, name, options.secrets);
    const line = { ...listed, verdict: diff.verdict, decision: diff.decision ?? null, headline: headlineOf(diff) };
    return { page: diffPage(diff, name, pageOptions), line };
  } catch (error) {
    const reason = reasonOf(error);
    tally.problems.push({ what: `diff ${name.family}/${name.measurement} ${name.slug}`, reason });
    return { page: unreadDiffPage(name, reason), line: { ...listed, verdict: null, decision: null, headline: reason } };
  }
};

async function* makeDiffs(making: Making, lines: ListedDiff[]): Made {
  for (const place of await diffPlaces(making.context.root))
    for (const slug of await diffSlugs(making.context.root, place.family, place.measurement)) {
      making.options.signal.throwIfAborted();
      const { page, line } = await makeDiff({ ...place, slug }, making);
      making.tally.diffs += 1;
      lines.push(line);
      yield page;
    }
}

const lineOf = (read: ReadEntry, point: TrendPoint | undefined, unit: string | null): EntryLine => {
  const { slug, state, tags, supersededBy, entry, side, error } = read;
  const { registered_at_utc: at, context, context_key: contextKey, tier, n } = entry?.baseline ?? {};
  return {
    slug,
    at: at ?? timeOf(slug),
    value: point?.value ?? null,
    unit,
    n: entry === null ? null : (n ?? Math.max(1, side?.trials.length ?? 1)),
    tier: tier ?? null,
    state,
    tags,
    supersededBy,
    contextKey: contextKey ?? null,
    model: context?.model ?? null,
    hardware: context?.hardware ?? null,
    error,
  };
};

/** Headline metrics of a measurement that get a picture. */
const MOST_HISTORIES = 4;

interface Followed {
  readonly metric: ChosenMetric;
  /** Found so far, the newest first. */
  readonly points: TrendPoint[];
}

/** The metrics that the pages of a measurement follow. */
const followedOf = ({ choice }: OpenMeasurement): Followed[] =>
  choice === null
    ? []
    : [choice.chosen, ...choice.others].slice(0, MOST_HISTORIES).map((metric) => ({ metric, points: [] }));

const judged = (followed: readonly Followed[]): JudgedHistory[] =>
  followed.flatMap(({ metric, points }) => judgeHistory({ metric, points: points.toReversed() }) ?? []);

const SPARK_VALUES = 40;

const measurementLine = (
  { place: { family, measurement }, choice, walk, absent }: OpenMeasurement,
  lines: readonly EntryLine[],
  [first]: readonly JudgedHistory[],
  lastDiff: ListedDiff | null,
  damaged: number,
): MeasurementLine => {
  const newest = lines.find(({ error }) => error === null);
  const { model = null, hardware = null, value = null, unit = null, n = null, tier = null, at = null } = newest ?? {};
  return {
    family,
    measurement,
    model,
    hardware,
    metric: choice?.chosen.key ?? null,
    value,
    unit,
    n,
    tier,
    at,
    entries: lines.length,
    trend: first === undefined ? null : { verdict: first.trend.verdict, decision: first.trend.decision },
    values: (first?.history.points ?? []).slice(-SPARK_VALUES).map((point) => point.value),
    lastDiff,
    damaged: damaged + absent.length + walk.breaks.filter(({ reason }) => reason !== 'merge_mark').length,
  };
};

async function* makeMeasurement(open: OpenMeasurement, diffs: readonly ListedDiff[], making: Making, found: MeasurementLine[]): Made {
  const { options, anonymous, tally } = making;
  const { family, measurement } = open.place;
  const followed = followedOf(open);
  const lines: EntryLine[] = [];
  const headlines = open.choice === null ? [] : [open.choice.chosen, ...open.choice.others].map(({ key }) => key);
  let damaged = 0;
  for await (const read of readEntries(open, options)) {
    for (const { metric, points } of followed) {
      const point = historyPoint(read, metric.key);
      if (point !== undefined) points.push(point);
    }
    const own = followed[0]?.points.at(-1);
    lines.push(lineOf(read, own?.id === read.slug ? own : undefined, open.choice?.chosen.unit ?? null));
    if (isDamaged(read)) damaged += 1;
    if (read.error !== null) tally.problems.push({ what: `${family}/${measurement}@${read.slug}`, reason: read.error });
    tally.entries += 1;
    yield entryPage(read, { family, measurement }, { headlines, anonymous });
  }
  const histories = judged(followed);
  tally.measurements += 1;
  found.push(measurementLine(open, lines, histories, diffs[0] ?? null, damaged));
  yield* measurementPages({ open, lines, histories, diffs });
} // prettier-ignore

async function* makeMeasurements(making: Making, diffs: readonly ListedDiff[], found: MeasurementLine[]): Made {
  const registry = registryFolder(making.context.root);
  const byPlace = new Map<string, ListedDiff[]>();
  for (const diff of diffs) {
    const place = `${diff.family}/${diff.measurement}`;
    byPlace.set(place, [...(byPlace.get(place) ?? []), diff]);
  }
  for (const family of await foldersIn(registry))
    for (const measurement of await foldersIn(join(registry, family))) {
      const own = byPlace.get(`${family}/${measurement}`) ?? [];
      making.context.progress(making.tally.entries, 0, `${family}/${measurement}`);
      const open = await openMeasurement(placeOf(registry, family, measurement), making.options);
      yield* makeMeasurement(open, own, making, found);
    }
}

async function* makeProfileDiffs({ context: { root }, options, anonymous, tally }: Making, lines: ProfileDiffLine[]): Made {
  for (const slug of await profileDiffSlugs(root)) {
    options.signal.throwIfAborted();
    tally.profile_diffs += 1;
    try {
      const diff = await readProfileDiff(root, slug, options.secrets);
      lines.push({ slug, at: timeOf(slug), verdict: diff.verdict, firstLine: diff.first_line });
      yield profileDiffPage(diff, slug, anonymous);
    } catch (error) {
      const reason = reasonOf(error);
      tally.problems.push({ what: `profile diff ${slug}`, reason });
      lines.push({ slug, at: timeOf(slug), verdict: null, firstLine: reason });
      yield unreadProfileDiffPage(slug, reason);
    }
  }
} // prettier-ignore

async function* makeCampaigns({ campaigns, options, tally }: Making, lines: CampaignLine[]): Made {
  for (const name of campaignNames(campaigns)) {
    options.signal.throwIfAborted();
    tally.campaigns += 1;
    try {
      const campaign = await readCampaign(join(campaigns, name), options.secrets, options.signal);
      const { standing, copies } = campaign;
      lines.push({
        name,
        done: standing.done,
        coverage: standing.coverage?.header_line ?? 'no atlas that can be read',
        champion: championLine(campaign),
        reports: copies.map(({ path }) => path),
      });
      tally.problems.push(...campaign.problems.map((reason) => ({ what: `campaign ${name}`, reason })));
      yield campaignPage(campaign);
      yield* copies;
    } catch (error) {
      if (options.signal.aborted) throw error;
      const reason = reasonOf(error);
      tally.problems.push({ what: `campaign ${name}`, reason });
      lines.push({ name, done: null, coverage: reason, champion: '', reports: [] });
      yield unreadCampaignPage(name, reason);
    }
  }
}

/** Every page and file of the site; the lists come last. Counts into `tally`. */
export async function* composeSite(request: SiteRequest, tally: SiteTally): Made {
  const { context, renderedAt } = request;
  const options = {
    defaults: await defaultRules(context),
    secrets: environmentSecrets(context.env),
    signal: context.signal,
  };
  const making = { ...request, options, tally };
  const [diffs, measurements]: [ListedDiff[], MeasurementLine[]] = [[], []];
  const [profileDiffs, campaigns]: [ProfileDiffLine[], CampaignLine[]] = [[], []];
  yield* makeDiffs(making, diffs);
  yield* makeMeasurements(making, diffs, measurements);
  yield* makeProfileDiffs(making, profileDiffs);
  yield* makeCampaigns(making, campaigns);
  const facts = { measurements, diffs, profileDiffs, campaigns, entries: tally.entries, problems: tally.problems, renderedAt: isoSeconds(renderedAt.getTime()) }; // prettier-ignore
  yield diffsPage(facts);
  yield profileDiffsPage(facts);
  yield campaignsPage(facts);
  yield homePage(facts);
}
