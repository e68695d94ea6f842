// The comparison as one Markdown document: verdict first, then versions and method, then every scenario with all its figures, also
// those that speak against the reference.
import { formatNumber } from '../text/numbers.ts';
import { markdownTable } from '../text/table.ts';
import type { ComparisonResult, PairResult, PairVerdict } from './compare-implementations.ts';
import type { Comparison, Scenario } from './comparison-spec.ts';

/** Names of the plot files beside the report; null where there was nothing to draw. */
export interface PlotNames {
  readonly ratios: string | null;
  readonly trials: Readonly<Record<string, string>>;
}

const SAYS: Readonly<Record<PairVerdict, string>> = {
  better: 'better',
  worse: '**worse**',
  not_distinguishable: 'not distinguishable',
  not_comparable: 'not comparable',
  no_measurement: 'no measurement',
};

const times = (ratio: number | null): string => (ratio === null ? '' : `${ratio.toFixed(2)}×`);
const chance = (p: number | null): string => (p === null ? '' : p < 0.001 ? p.toExponential(1) : p.toFixed(3));

const spread = (cv: number | null): string => (cv === null ? '' : `${(100 * cv).toFixed(1)}%`);

const summary = (comparison: Comparison, { pairs, counts, trials_needed: needed }: ComparisonResult): string => {
  const said = (verdict: PairVerdict): string => `${counts[verdict]} ${SAYS[verdict].replaceAll('*', '')}`;
  const line = (['better', 'worse', 'not_distinguishable', 'not_comparable', 'no_measurement'] as const)
    .filter((verdict) => counts[verdict] > 0)
    .map(said)
    .join(', ');
  const more =
    needed === null
      ? []
      : [`With these trials no difference can survive the correction: run at least ${needed} trials a cell.`];
  return [`${comparison.reference} against the others in ${pairs.length} comparisons: ${line}.`, ...more].join('\n\n');
};

const versionTable = ({ implementations }: Comparison, versions: Readonly<Record<string, string>>): string =>
  markdownTable(
    [{ title: 'Implementation' }, { title: 'Pinned' }, { title: 'Found' }, { title: 'Source' }],
    implementations.map(({ name, pinned, command, results }) => [
      name,
      pinned,
      versions[name] ?? 'no result',
      command === undefined ? `results ${results ?? ''}` : command.join(' '),
    ]),
  );

const METHOD = `- A trial is one run of the command, or one value of a result file; implementations take turns, each trial starting with another one.
- The ratio is that of the means, so that above 1 the reference is better; its interval is the bias-corrected and accelerated bootstrap at 95%.
- Cliff's delta is 1 when every trial of the reference is better than every other, and 0 when neither is.
- p is the exact Mann-Whitney test, adjusted by Holm over all comparisons of this report; "better" and "worse" need p at most 0.05.`;

const pairRow = (pair: PairResult): string[] => [
  pair.against,
  times(pair.ratio),
  pair.low === null || pair.high === null ? '' : `${times(pair.low)} to ${times(pair.high)}`,
  pair.cliffs_delta === null ? '' : `${pair.cliffs_delta.toFixed(2)} (${pair.effect ?? ''})`,
  chance(pair.p_holm),
  pair.reason === null ? SAYS[pair.verdict] : `${SAYS[pair.verdict]}: ${pair.reason}`,
];

const scenarioSection = (scenario: Scenario, { cells, pairs }: ComparisonResult, { trials }: PlotNames): string => {
  const { name, unit, parameters, direction } = scenario;
  const settings = Object.entries(parameters).map(([key, value]) => `${key}=${String(value)}`);
  const values = cells
    .filter((cell) => cell.scenario === name)
    .map(({ implementation, summary: figures, problem }) => [
      implementation,
      figures === null ? 'none' : formatNumber(figures.median),
      figures === null ? '' : `${formatNumber(figures.min)} to ${formatNumber(figures.max)}`,
      spread(figures?.cv ?? null),
      String(figures?.n ?? 0),
      problem ?? '',
    ]);
  const plot = trials[name];
  return [
    `### ${name}`,
    `${settings.join(', ')}; ${unit}, ${direction.replaceAll('-', ' ')}.`,
    markdownTable(
      [
        { title: 'Implementation' },
        { title: `Median (${unit})`, align: 'right' },
        { title: 'Range', align: 'right' },
        { title: 'CV', align: 'right' },
        { title: 'Trials', align: 'right' },
        { title: 'Problem' },
      ],
      values,
    ),
    markdownTable(
      ['Against', 'Ratio', 'Interval', "Cliff's delta", 'p (Holm)', 'Verdict'].map((title) => ({ title })),
      pairs.filter((pair) => pair.scenario === name).map(pairRow),
    ),
    ...(plot === undefined ? [] : [`![Trials of ${name}](${plot})`]),
  ].join('\n\n');
};

/** The document `BENCHMARKS_SOTA_COMPARISON.md`. Ends with a newline. `generatedAt` is ISO 8601 UTC. */
export const renderComparison = (
  comparison: Comparison,
  result: ComparisonResult,
  versions: Readonly<Record<string, string>>,
  plots: PlotNames,
  generatedAt: string,
): string =>
  `${[
    `# ${comparison.title}`,
    `Generated ${generatedAt}.`,
    `## Summary\n\n${summary(comparison, result)}`,
    ...(plots.ratios === null ? [] : [`![Ratios](${plots.ratios})`]),
    `## Versions\n\n${versionTable(comparison, versions)}`,
    `## Method\n\n${METHOD}`,
    '## Scenarios',
    ...comparison.scenarios.map((scenario) => scenarioSection(scenario, result, plots)),
  ].join('\n\n')}\n`;
