// The questions that a campaign is there to answer: is an arm worse than the first one, is a cell worse than the baseline it is
// compared with. Each is put to the judge with what was measured so far; nothing is decided here.
import { contextFrom } from '../../importers/context-fields.ts';
import { diffMeasurement } from '../../compare/diff-measurement.ts';
import { judge } from '../../compare/judge.ts';
import type { Judgement } from '../../compare/judgement.ts';
import { readBaselineSide, type BaselineSide } from '../../registry/entry-side.ts';
import { registryFolder } from '../../registry/layout.ts';
import type { Side } from '../../source/side.ts';
import { Fault, type FaultKind } from '../../text/fault.ts';
import { parseJsonObject } from '../../text/json.ts';
import type { VerbContext } from '../../verb/context.ts';
import { headlineMetrics } from '../../verdict/headline-metrics.ts';
import { metricKey } from '../../metrics/metric.ts';
import { compareContexts } from '../../verdict/context-match.ts';
import { defaultRules, policyFile } from '../../verdict/judging-rules.ts';
import type { PolicySources } from '../../verdict/policy.ts';
import { recordTier, type TierResult } from '../../verdict/tier.ts';
import { heldRows } from '../cells/run-cell.ts';
import type { CampaignConfig, CellConfig } from '../config.ts';
import { cellFile } from '../layout.ts';
import type { AtlasRow } from '../row.ts';
import { inBlocks } from './in-turn.ts';
import { sideOfRows } from './measured-side.ts';

/** What is asked of a cell. */
export interface Question {
  readonly cell: string;
  /** `arm`: a cell of the campaign; `baseline`: an entry of the registry; null where nothing is named to compare with. */
  readonly against: { readonly kind: 'arm' | 'baseline'; readonly name: string } | null;
}

/** Rules that the caller adds. */
export interface Gates {
  /** Percent. */
  readonly tolerance: number;
  /** Absolute path of a policy file. */
  readonly policy?: string | undefined;
  readonly headline?: readonly string[] | undefined;
}

/** What the judge says so far. */
export interface Standing extends Question {
  readonly judgement: Judgement | null;
  /** Why nothing is judged; null where something is. */
  readonly reason: string | null;
  readonly tier: TierResult;
  /** Rows of the cell that hold a measurement, and those of the arm that it is compared with. */
  readonly rows: readonly AtlasRow[];
  readonly otherRows: readonly AtlasRow[];
  readonly side: Side | null;
  readonly otherSide: Side | null;
}

export interface Asked {
  /** Absolute path. */
  readonly campaign: string;
  readonly config: CampaignConfig;
  /** The first is what the others are compared with; empty where there are none. */
  readonly arms: readonly string[];
  /** `family/measurement@tag` with `{cell}`; null where none is named. */
  readonly baseline: string | null;
  readonly gates: Gates;
  /** Rules of the gates behind those of the product. */
  readonly sources: PolicySources;
  readonly context: VerbContext;
}

/** A question for each cell but the first arm. */
export const questionsOf = ({ config, arms, baseline }: Asked, cells: readonly string[]): Question[] => {
  const [first, ...others] = arms;
  const all = [...new Set([...config.cells.map(({ cell_id: id }) => id), ...cells])];
  return all.flatMap((cell): Question[] => {
    if (first !== undefined && others.includes(cell)) return [{ cell, against: { kind: 'arm', name: first } }];
    if (baseline !== null) return [{ cell, against: { kind: 'baseline', name: baseline.replaceAll('{cell}', cell) } }];
    return cell === first ? [] : [{ cell, against: null }];
  });
};

/** Throws a Fault of the policy file. */
export const sourcesOf = async ({ tolerance, policy, headline }: Gates, context: VerbContext): Promise<PolicySources> => ({
  defaults: await defaultRules(context),
  file: policy === undefined ? [] : await policyFile(policy),
  umbrella: { percent: tolerance },
  ...(headline === undefined ? {} : { headline }),
}); // prettier-ignore

/** Fields in which the config itself tells two cells apart: changed on purpose. */
const purposeOf = (config: CampaignConfig, cells: readonly [string, string]): string[] => {
  const [before, after] = cells.map((id) => config.cells.find(({ cell_id }) => cell_id === id));
  if (before === undefined || after === undefined) return [];
  const contextOf = (cell: CellConfig) => contextFrom(parseJsonObject(JSON.stringify(cell)));
  return compareContexts(contextOf(before), contextOf(after)).mismatches.map(({ field }) => field);
};

/** Rows of a cell that hold a measurement. */
export const measuredRows = (campaign: string, cell: string): AtlasRow[] =>
  heldRows(campaign, cell).filter(({ status }) => status === 'full' || status === 'partial');

/** Name that stands for both cells in the keys of their metrics. */
const SHARED = 'cell';

type Judged = Pick<Standing, 'judgement' | 'reason' | 'otherRows' | 'otherSide'>;

const open = (reason: string, more: Partial<Judged> = {}): Judged => ({
  judgement: null,
  reason,
  otherRows: [],
  otherSide: null,
  ...more,
});

const againstArm = async (asked: Asked, cell: string, arm: string, rows: readonly AtlasRow[]): Promise<Judged> => {
  const { campaign, config, sources } = asked;
  const otherRows = measuredRows(campaign, arm);
  const [otherSide, side] = [
    await sideOfRows(otherRows, SHARED, cellFile(campaign, arm, 'rows')),
    await sideOfRows(rows, SHARED, cellFile(campaign, cell, 'rows')),
  ];
  if (otherSide === null) return open(`${arm} holds no measurement`);
  if (side === null) return open(`${cell} holds no measurement`, { otherRows, otherSide });
  const [before, after] = inBlocks([otherSide, side], [otherRows, rows]);
  const judgement = judge(before, after, {
    policy: sources,
    axis: purposeOf(config, [arm, cell]),
    namedBaseline: true,
  });
  return { judgement, reason: null, otherRows, otherSide };
};

/** An entry that is not there, or cannot be used, is its Fault. */
const readEntry = async (name: string, { root, cwd }: VerbContext): Promise<BaselineSide | Fault> => {
  try {
    return await readBaselineSide(registryFolder(root), [name], cwd);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
};

const againstEntry = async (asked: Asked, cell: string, name: string): Promise<Judged> => {
  const { campaign, gates, context } = asked;
  const otherSide = await readEntry(name, context);
  if (otherSide instanceof Fault) return open(otherSide.message);
  const rows = cellFile(campaign, cell, 'rows');
  if (measuredRows(campaign, cell).length === 0) return open(`${cell} holds no measurement`, { otherSide });
  const { tolerance: tolerance_percent, policy, headline } = gates;
  const request = { baseline: [name], paths: [rows], tolerance_percent, policy, headline };
  const { judgement } = await diffMeasurement(request, otherSide, { ...context, dryRun: true });
  return { judgement, reason: null, otherRows: [], otherSide };
};

/** Kinds of faults of what was measured or recorded; others are of the call, or of the product. */
const OF_RESULTS: readonly FaultKind[] = ['input', 'not_comparable', 'refused'];

/** What cannot be judged is open with its reason. */
const judged = async (asked: Asked, { cell, against }: Question, rows: readonly AtlasRow[]): Promise<Judged> => {
  if (against === null) return open('no baseline and no arms are named');
  try {
    return await (against.kind === 'arm'
      ? againstArm(asked, cell, against.name, rows)
      : againstEntry(asked, cell, against.name));
  } catch (error) {
    if (error instanceof Fault && OF_RESULTS.includes(error.kind)) return open(error.message);
    throw error;
  }
};

const NOTHING: TierResult = { tier: 'DRAFT', tier_missing: ['too_few_trials'] };

/** Tier of the comparison; without one that of the record, which then lacks the baseline. */
const tierOf = (judgement: Judgement | null, side: Side | null, sources: PolicySources): TierResult => {
  if (judgement !== null) return { tier: judgement.tier, tier_missing: judgement.tier_missing };
  if (side === null) return NOTHING;
  const { tier_missing: missing } = recordTier({ ...side, attested: side.attested ?? [] }, { metrics: headlineMetrics(side.metrics, sources).map((metric) => ({ key: metricKey(metric), unit: metric.unit })) });
  return { tier: 'DRAFT', tier_missing: [...missing, 'baseline_not_named'] };
}; // prettier-ignore

/** Puts the question to the judge with what was measured so far. */
export const standingOf = async (asked: Asked, question: Question): Promise<Standing> => {
  const rows = measuredRows(asked.campaign, question.cell);
  const side = await sideOfRows(rows, question.cell, cellFile(asked.campaign, question.cell, 'rows'));
  const found = await judged(asked, question, rows);
  return { ...question, ...found, rows, side, tier: tierOf(found.judgement, side, asked.sources) };
}; // prettier-ignore
