// From what a caller names to one chart: opens the campaign, the measurement or the diff, and hands it to what draws it.
import { basename } from 'node:path';
import { findCampaign } from '../campaign/find-campaign.ts';
import { configOf } from '../campaign/import-answer.ts';
import { profileDiffSvg } from '../profile/text/profile-diff-svg.ts';
import { Fault } from '../text/fault.ts';
import { analyseTrend } from '../trend/analyse-trend.ts';
import { metricHistory } from '../trend/history.ts';
import { renderTrendSvg, trendTitle } from '../trend/trend-svg.ts';
import type { VerbContext } from '../verb/context.ts';
import { campaignChart, CAMPAIGN_CHARTS, readProfileDiff, type CampaignChart, type Chart } from './charts.ts';
import { openReport } from './open-report.ts';
import { renderedAt } from './rendered-at.ts';

export const CHART_KINDS = [...CAMPAIGN_CHARTS, 'trend', 'profile_diff'] as const;

export interface ChartRequest {
  readonly kind: (typeof CHART_KINDS)[number];
  readonly campaign?: string | undefined;
  readonly campaigns_dir?: string | undefined;
  readonly measurement?: string | undefined;
  readonly metric?: string | undefined;
  readonly diff?: string | undefined;
  readonly page?: number | undefined;
}

/** Percent that a trend tolerates, as `perf_baseline_trend` does where nobody says another. */
const TOLERANCE = 0.05;

export interface NamedChart extends Chart {
  /** What was drawn, as a name of a file may hold it. */
  readonly name: string;
}

const named = (request: ChartRequest, field: 'campaign' | 'measurement' | 'diff'): string => {
  const value = request[field];
  if (value !== undefined) return value;
  throw new Fault('usage', 'chart_of_nothing', `a chart of kind ${request.kind} needs ${field}`, {
    fix: `give ${field}`,
  });
};

const ofCampaign = async (kind: CampaignChart, request: ChartRequest, context: VerbContext): Promise<NamedChart> => {
  const campaign = findCampaign(named(request, 'campaign'), context, request.campaigns_dir);
  const data = await openReport({
    campaign,
    config: await configOf(campaign, context.signal),
    atlas: null,
    title: null,
    variantsLine: null,
    dataSourceLine: null,
    labelled: [1, 8, 32],
    context,
  });
  const chart = await campaignChart(kind, data, { page: request.page ?? 1, now: renderedAt(context) });
  return { ...chart, name: basename(campaign) };
};

const ofMeasurement = async (request: ChartRequest, context: VerbContext): Promise<NamedChart> => {
  const { points, metric, unit, direction, family, measurement } = await metricHistory(
    named(request, 'measurement'),
    request.metric,
    context,
  );
  const trend = analyseTrend(points, { metric, unit, direction, tolerance: TOLERANCE, accepted: [] });
  const svg = renderTrendSvg(trend, `${family}/${measurement}`);
  return { finding: `${metric}: ${trendTitle(trend)}`, svg, page: 1, pages: 1, name: `${family}-${measurement}` };
};

const ofDiff = async (request: ChartRequest, context: VerbContext): Promise<NamedChart> => {
  const { diff, name } = await readProfileDiff(context.path(named(request, 'diff')), context.signal);
  return { finding: diff.first_line, svg: profileDiffSvg(diff), page: 1, pages: 1, name };
};

/** Throws a Fault `chart_of_nothing`, `chart_absent`, and those of whoever opens what is drawn. */
export const drawChart = (request: ChartRequest, context: VerbContext): Promise<NamedChart> => {
  if (request.kind === 'trend') return ofMeasurement(request, context);
  if (request.kind === 'profile_diff') return ofDiff(request, context);
  return ofCampaign(request.kind, request, context);
};
