// The comparison as one document, for Markdown and for a page that holds its pictures: verdict first, then versions and method, then
// every scenario with all its figures, also those that speak against the reference.
import { heading, paragraph, table, type Block, type Document, type Text } from '../render/document.ts';
import { formatFactor, formatFixed, formatNumber, formatScientific, formatShare } from '../render/numbers.ts';
import type { ComparisonResult, PairResult, PairVerdict } from './compare-implementations.ts';
import type { Comparison, Scenario } from './comparison-spec.ts';

/** A drawn picture and the name of its file beside the report. */
export interface Plot {
  readonly file: string;
  readonly svg: string;
}

/** Null, or absent, where there was nothing to draw. */
export interface Plots {
  readonly ratios: Plot | null;
  /** By scenario. */
  readonly trials: Readonly<Record<string, Plot>>;
}

const SAYS: Readonly<Record<PairVerdict, string>> = {
  better: 'better',
  worse: 'worse',
  not_distinguishable: 'not distinguishable',
  not_comparable: 'not comparable',
  no_measurement: 'no measurement',
};

const verdictText = ({ verdict, reason }: PairResult): Text => [
  verdict === 'worse' ? { strong: SAYS.worse } : SAYS[verdict],
  ...(reason === null ? [] : [`: ${reason}`]),
];

const pictures = (title: string, plot: Plot | null | undefined): Block[] =>
  plot === null || plot === undefined ? [] : [{ kind: 'picture', title, href: plot.file, svg: plot.svg }];

const times = (ratio: number | null): string => (ratio === null ? '' : formatFactor(ratio));
const chance = (p: number | null): string => (p === null ? '' : p < 0.001 ? formatScientific(p) : formatFixed(p, 3));

const spread = (cv: number | null): string => (cv === null ? '' : formatShare(100 * cv));

const summary = (comparison: Comparison, { pairs, counts, trials_needed: needed }: ComparisonResult): Block[] => {
  const line = (['better', 'worse', 'not_distinguishable', 'not_comparable', 'no_measurement'] as const)
    .filter((verdict) => counts[verdict] > 0)
    .map((verdict) => `${counts[verdict]} ${SAYS[verdict]}`)
    .join(', ');
  const more = `If the differences seen are real, ${needed ?? 0} trials a cell should show those that cannot be distinguished yet.`;
  return [
    paragraph(`${comparison.reference} against the others in ${pairs.length} comparisons: ${line}.`),
    ...(needed === null ? [] : [{ kind: 'note', text: more } as const]),
  ];
};

const versionTable = ({ implementations }: Comparison, versions: Readonly<Record<string, string>>): Block =>
  table(
    [{ title: 'Implementation' }, { title: 'Pinned' }, { title: 'Found' }, { title: 'Source' }],
    implementations.map(({ name, pinned, command, results }) => [
      name,
      pinned,
      versions[name] ?? 'no result',
      command === undefined ? `results ${results ?? ''}` : { code: command.join(' ') },
    ]),
  );

const METHOD: Block = {
  kind: 'list',
  items: [
    'A trial is one run of the command, or one value of a result file; implementations take turns, each trial starting with another one.',
    'The ratio is that of the means, so that above 1 the reference is better; its interval is the bias-corrected and accelerated bootstrap at 95%.',
    "Cliff's delta is 1 when every trial of the reference is better than every other, and 0 when neither is.",
    'Verdicts follow the decision rules of every other comparison (two-sided, no tolerance): the interval of ranks from 5 trials, of Student’s t below; p is adjusted by Holm over all comparisons of this report, and "better" and "worse" need it at most 0.04.',
  ],
};

const pairRow = (pair: PairResult): Text[] => [
  pair.against,
  times(pair.ratio),
  pair.low === null || pair.high === null ? '' : `${times(pair.low)} to ${times(pair.high)}`,
  pair.cliffs_delta === null ? '' : `${formatFixed(pair.cliffs_delta, 2)} (${pair.effect ?? ''})`,
  chance(pair.p_holm),
  verdictText(pair),
];

const scenarioSection = (scenario: Scenario, { cells, pairs }: ComparisonResult, { trials }: Plots): Block[] => {
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
  return [
    heading(name, 3),
    paragraph(`${settings.join(', ')}; ${unit}, ${direction.replaceAll('-', ' ')}.`),
    table(
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
    table(
      ['Against', 'Ratio', 'Interval', "Cliff's delta", 'p (Holm)', 'Verdict'].map((title) => ({ title })),
      pairs.filter((pair) => pair.scenario === name).map(pairRow),
    ),
    ...pictures(`Trials of ${name}`, trials[name]),
  ];
};

/** The document behind `BENCHMARKS_SOTA_COMPARISON.md` and `.html`. `generatedAt` is ISO 8601 UTC. */
export const comparisonDocument = (
  comparison: Comparison,
  result: ComparisonResult,
  versions: Readonly<Record<string, string>>,
  plots: Plots,
  generatedAt: string,
): Document => ({
  title: comparison.title,
  blocks: [
    paragraph(`Generated ${generatedAt}.`),
    heading('Summary'),
    ...summary(comparison, result),
    ...pictures('Ratios', plots.ratios),
    paragraph(['Every trial and figure: ', { link: 'comparison.json', href: 'comparison.json' }, '.']),
    heading('Versions'),
    versionTable(comparison, versions),
    heading('Method'),
    METHOD,
    heading('Scenarios'),
    ...comparison.scenarios.flatMap((scenario) => scenarioSection(scenario, result, plots)),
  ],
});
