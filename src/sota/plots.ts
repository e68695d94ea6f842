// The pictures of a comparison: how many times better the reference is, with intervals; and every trial of one scenario.
import { bottomAxis, headPart, LABEL, type Frame, type Head, type LegendEntry } from '../render/picture.ts';
import { axisScale, type AxisScale } from '../render/scale.ts';
import { svgDocument, svgLine, svgMark, svgText, type MarkStyle, type Point } from '../render/svg.ts';
import { fitText, textWidth } from '../render/text-width.ts';
import { formatFactor, formatFixed, formatNumber, plural, withUnit } from '../render/numbers.ts';
import type { CellSummary, ComparisonResult, PairResult, PairVerdict } from './compare-implementations.ts';
import type { Scenario } from './comparison-spec.ts';

const WIDTH = 960;
const MARGIN = 24;
const ROW = 26;
const BELOW = 52;
const NAMES = 300;
const NAME = { size: 12 } as const;

/** One line of a picture: its name, what is drawn on the axis, and its figures in words. */
interface Row {
  readonly name: string;
  readonly figures: string;
  readonly isReference?: boolean;
  readonly draw: (y: number, scale: AxisScale) => string[];
}

interface RowPicture {
  readonly head: Head;
  readonly rows: readonly Row[];
  readonly axis: { readonly name: string; readonly values: readonly number[]; readonly unit: string | null };
  /** Drawn behind the rows. */
  readonly behind?: (scale: AxisScale, frame: Frame) => string[];
}

/** Names on the left, the axis between, figures on the right. */
const rowPicture = ({ head, rows, axis, behind }: RowPicture): string => {
  const top = headPart(head, MARGIN, WIDTH - 2 * MARGIN);
  const names = Math.min(NAMES, Math.max(...rows.map(({ name }) => textWidth(name, { ...NAME, bold: true }))));
  const figures = Math.max(...rows.map((row) => textWidth(row.figures, LABEL)));
  const frame: Frame = {
    left: MARGIN + names + 14,
    right: WIDTH - MARGIN - figures - 14,
    top: top.height + 8,
    bottom: top.height + 8 + ROW * rows.length,
  };
  const scale = axisScale(axis.values, { range: [frame.left, frame.right], unit: axis.unit, kind: 'log', ticks: 5 });
  return svgDocument(WIDTH, frame.bottom + BELOW, head.title, [
    ...top.elements,
    ...bottomAxis(scale, axis.name, frame),
    ...(behind?.(scale, frame) ?? []),
    ...rows.flatMap(({ name, figures: words, isReference = false, draw }, index) => {
      const y = frame.top + ROW * (index + 0.5);
      return [
        svgText(frame.left - 14, y + 4, fitText(name, names, { ...NAME, bold: isReference }), {
          anchor: 'end',
          bold: isReference,
        }),
        ...draw(y, scale),
        svgText(WIDTH - MARGIN, y + 4, words, { ...LABEL, anchor: 'end' }),
      ];
    }),
  ]);
};

interface Measured extends PairResult {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

const isMeasured = (pair: PairResult): pair is Measured =>
  pair.ratio !== null && pair.low !== null && pair.high !== null;

const MARKS: Readonly<Record<PairVerdict, MarkStyle>> = {
  better: { role: 'good' },
  worse: { role: 'bad', shape: 'diamond', radius: 5 },
  not_distinguishable: { role: 'quiet', hollow: true },
  not_comparable: { role: 'quiet', hollow: true },
  no_measurement: { role: 'quiet', hollow: true },
};

const WORDS = {
  better: 'better',
  worse: 'worse',
  not_distinguishable: 'not distinguishable',
  not_comparable: 'not comparable',
  no_measurement: 'no measurement',
} as const satisfies Record<PairVerdict, string>;

const EQUAL = { dash: '4 4', width: 1.5 } as const;

const ratioRow = ({ scenario, against, verdict, ratio, low, high }: Measured): Row => ({
  name: `${scenario} vs ${against}`,
  figures: `${formatFactor(ratio)} (${formatFixed(low, 2)} to ${formatFixed(high, 2)}) ${WORDS[verdict]}`,
  draw: (y, { at }) => [
    svgLine([at(low), y], [at(high), y], MARKS[verdict].role, { width: 2 }),
    svgMark([at(ratio), y], MARKS[verdict]),
  ],
});

const ratioLegend = (rows: readonly Measured[]): LegendEntry[] => [
  ...(['better', 'worse', 'not_distinguishable'] as const)
    .filter((verdict) => rows.some((row) => row.verdict === verdict))
    .map((verdict) => ({ text: WORDS[verdict], sample: (at: Point) => svgMark(at, MARKS[verdict]) })),
  { text: '95% bootstrap interval', sample: ([x, y]) => svgLine([x - 11, y], [x + 11, y], 'quiet', { width: 2 }) },
  { text: 'equal', sample: ([x, y]) => svgLine([x, y - 8], [x, y + 8], 'quiet', EQUAL) },
];

const trialsText = (cells: readonly CellSummary[]): string => {
  const counts = cells.map(({ samples }) => samples.length).filter((n) => n > 0);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? `n = ${plural(most, 'trial')} a cell` : `n = ${least} to ${most} trials a cell`;
};

const ratioTitle = (reference: string, rows: readonly Measured[]): string => {
  const of = (verdict: PairVerdict): number => rows.filter((row) => row.verdict === verdict).length;
  const better = `${reference} is better in ${of('better')} of ${plural(rows.length, 'comparison')}`;
  return of('worse') === 0 ? better : `${better}, worse in ${of('worse')}`;
};

/** Ratios of all comparisons that were made; null when there is none. Above 1 the reference is better. */
export const renderRatios = (reference: string, { pairs, cells }: ComparisonResult): string | null => {
  const rows = pairs.filter(isMeasured);
  if (rows.length === 0) return null;
  const absent = pairs.length - rows.length;
  const more = absent === 0 ? '' : `; ${plural(absent, 'comparison')} without a ratio: see the report`;
  return rowPicture({
    head: {
      title: ratioTitle(reference, rows),
      subtitle: `${trialsText(cells)}; ratio of means, above 1 ${reference} is better${more}`,
      legend: ratioLegend(rows),
    },
    rows: rows.map(ratioRow),
    axis: { name: 'times better', values: [1, ...rows.flatMap(({ low, high }) => [low, high])], unit: null },
    behind: ({ at }, { top, bottom }) => [svgLine([at(1), top], [at(1), bottom], 'quiet', EQUAL)],
  });
};

const TRIAL: MarkStyle = { role: 'slate', radius: 3.2, hollow: true };
const MEDIAN = { width: 3 } as const;

const trialRow = ({ implementation, samples, summary }: CellSummary, unit: string, reference: string): Row => ({
  name: implementation,
  isReference: implementation === reference,
  figures: `${withUnit(summary?.median ?? samples[0] ?? 0, unit, 4)}, n = ${samples.length}`,
  draw: (y, { at }) => {
    const middle = at(summary?.median ?? samples[0] ?? 0);
    return [
      ...samples.map((sample) => svgMark([at(sample), y], { ...TRIAL, title: withUnit(sample, unit) })),
      svgLine([middle, y - 9], [middle, y + 9], 'ink', MEDIAN),
    ];
  },
});

const bestOf = (rows: readonly CellSummary[], { direction }: Scenario): CellSummary | undefined => {
  const sign = direction === 'lower-is-better' ? 1 : -1;
  return rows.toSorted((a, b) => sign * ((a.summary?.median ?? 0) - (b.summary?.median ?? 0)))[0];
};

/** Every trial of one scenario, one row an implementation, with the median as a bar; null when nothing was measured. */
export const renderTrials = (scenario: Scenario, cells: readonly CellSummary[], reference: string): string | null => {
  const rows = cells.filter((cell) => cell.scenario === scenario.name && cell.samples.length > 0);
  const best = bestOf(rows, scenario);
  if (best === undefined) return null;
  const better = scenario.direction === 'lower-is-better' ? 'less is better' : 'more is better';
  const { unit } = scenario;
  return rowPicture({
    head: {
      title: `${scenario.name}: ${best.implementation} has the best median, ${formatNumber(best.summary?.median ?? best.samples[0] ?? 0, 4)} ${unit}`,
      subtitle: `${trialsText(rows)}; ${better}; ${reference} is the reference`,
      legend: [
        { text: 'one trial', sample: (at) => svgMark(at, TRIAL) },
        { text: 'median', sample: ([x, y]) => svgLine([x, y - 7], [x, y + 7], 'ink', MEDIAN) },
      ],
    },
    rows: rows.map((cell) => trialRow(cell, unit, reference)),
    axis: { name: 'measured value', values: rows.flatMap(({ samples }) => samples), unit },
  });
};
