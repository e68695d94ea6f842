// Draws a profile diff as one SVG: the verdict, what the change of a unit of work is made of, kernels by what their calls
// gained and lost, and what each rank did. A pure function of the diff.
import type { Role } from '../../render/palette.ts';
import { bottomAxis, legendPart, LABEL, type LegendEntry } from '../../render/picture.ts';
import { axisScale, type AxisScale } from '../../render/scale.ts';
import { svgDocument, svgLine, svgRect, svgText, type TextStyle } from '../../render/svg.ts';
import { fitText, textWidth, wrapText } from '../../render/text-width.ts';
import { formatNanoseconds, formatPercent, formatShare, formatSignedNanoseconds } from '../../render/numbers.ts';
import type { KernelRow, ProfileDiff, RankRow } from '../diff/profile-diff-schema.ts';
import { VERDICT_GROUNDS } from '../../verdict/ground.ts';
import { distinctNames } from '../kernels/reduced-names.ts';
import { stepParts } from './shared-lines.ts';

const WIDTH = 1080;
const MARGIN = 24;
const LABELS = 330;
const VALUES = 260;
const ROW = 24;
const [BAR_LEFT, BAR_RIGHT] = [LABELS, WIDTH - VALUES];
const KERNELS = 12;
const RANKS = 16;
/** Characters of a kernel's name that fit into the column of labels. */
const NAME_CHARACTERS = 42;
const TITLE_LINES = 5;
const HEADING = 34;
/** What an axis takes below the bars, and the room to the next panel. */
const AXIS = 44;
const GAP = 22;
const NAME = { size: 12 } as const;

/** A part of the picture: its elements from the top down, and how much height it takes. */
interface Panel {
  readonly height: number;
  readonly draw: (top: number) => string[];
}

/** A complete SVG document. */
export const profileDiffSvg = (diff: ProfileDiff): string => {
  const panels = [headPanel(diff), stepPanel(diff), kernelPanel(diff), rankPanel(diff)].filter(
    (panel): panel is Panel => panel !== null,
  );
  let top = MARGIN;
  const elements = panels.flatMap(({ height, draw }) => {
    const drawn = draw(top);
    top += height;
    return drawn;
  });
  return svgDocument(WIDTH, top + MARGIN, diff.first_line, elements);
};

const LINE = { size: 13 } as const;
const BADGE = { size: 14, bold: true } as const;

const headPanel = (diff: ProfileDiff): Panel => {
  const { verdict, first_line: first, baseline, candidate } = diff;
  const words = first.replace(/^(GREEN|YELLOW|RED)( for [^:]+)?: /, '');
  const area = (/^(?:YELLOW|RED)( for [^:]+): /.exec(first)?.[1] ?? '').trim();
  const lines = wrapText(words, WIDTH - 2 * MARGIN, LINE, TITLE_LINES);
  const sides = `${baseline.label} → ${candidate.label}, n = ${baseline.captures} and ${candidate.captures} captures`;
  const room = WIDTH - 2 * MARGIN - 120 - textWidth(area, BADGE);
  return {
    height: 46 + lines.length * 18 + 14,
    draw: (top) => [
      svgRect(MARGIN, top, 86, 28, { fill: VERDICT_GROUNDS[verdict], radius: 4 }),
      svgText(MARGIN + 43, top + 19, verdict, { ...BADGE, anchor: 'middle', fill: 'paper' }),
      svgText(MARGIN + 98, top + 19, area, BADGE),
      quiet(WIDTH - MARGIN, top + 19, fitText(sides, room, LABEL), 'end'),
      ...lines.map((line, index) => svgText(MARGIN, top + 52 + index * 18, line, LINE)),
    ],
  };
};

const TITLE = { size: 14, bold: true } as const;

const heading = (top: number, title: string, note: string): string[] => [
  svgText(MARGIN, top + 16, title, TITLE),
  quiet(MARGIN + textWidth(title, TITLE) + 12, top + 16, note),
];

/** An axis of times below the bars, named in the unit that its labels count in. */
const timeAxis = (values: readonly number[], fromZero = true): AxisScale =>
  axisScale(values, { range: [BAR_LEFT, BAR_RIGHT], unit: 'ns', kind: 'linear', ticks: 5, fromZero });

const axisElements = (scale: AxisScale, name: string, top: number, bottom: number): string[] =>
  bottomAxis(scale, name, { left: BAR_LEFT, right: BAR_RIGHT, top, bottom });

/** The time of one unit before, what was added and saved, and the time after: bars that begin where the last one ended. */
const stepPanel = ({ step, headline }: ProfileDiff): Panel | null => {
  const { baseline_ns: before, candidate_ns: after } = headline;
  if (step === null || before === null || after === null) return null;
  const parts = stepParts(step);
  const changes = parts.map(([, ns]) => ns);
  const scale = timeAxis([0, before, after, ...runningSums(before, changes)]);
  return {
    height: HEADING + (parts.length + 2) * ROW + AXIS + GAP,
    draw: (top) => {
      const first = top + HEADING;
      const last = first + (parts.length + 1) * ROW;
      const starts = [before, ...runningSums(before, changes)];
      const bars = parts.flatMap(([name, ns], index) => {
        const y = first + (index + 1) * ROW;
        const from = starts[index] ?? before;
        return [
          rowLabel(y, name),
          bar(scale, from, from + ns, y, ns > 0 ? 'bad' : 'good'),
          valueText(y, formatSignedNanoseconds(ns), formatPercent((100 * ns) / before)),
        ];
      });
      return [
        ...heading(top, `Time per ${headline.unit}`, 'on one rank; the parts add up to the change'),
        ...axisElements(scale, `time per ${headline.unit}`, first, last + ROW),
        rowLabel(first, 'before'),
        bar(scale, 0, before, first, 'slate'),
        valueText(first, formatNanoseconds(before), ''),
        ...bars,
        rowLabel(last, 'after'),
        bar(scale, 0, after, last, 'slate'),
        valueText(last, formatNanoseconds(after), formatPercent(headline.change_pct)),
      ];
    },
  };
};

/** The sums after each value. */
const runningSums = (start: number, values: readonly number[]): number[] => {
  let sum = start;
  return values.map((value) => (sum += value));
};

const square =
  (fill: Role): LegendEntry['sample'] =>
  ([x, y]) =>
    svgRect(x - 6, y - 6, 12, 12, { fill });

const KERNEL_LEGEND: readonly LegendEntry[] = [
  { text: 'longer per call', sample: square('bad') },
  { text: 'shorter per call', sample: square('good') },
  { text: 'more or fewer calls', sample: square('base') },
];

const kernelPanel = (diff: ProfileDiff): Panel | null => {
  const rows = guiltyFirst(diff).slice(0, KERNELS);
  if (rows.length === 0) return null;
  const largest = Math.max(1, ...rows.map(magnitude));
  const scale = timeAxis([-largest, largest]);
  const names = distinctNames(
    rows.map(({ name }) => name),
    NAME_CHARACTERS,
  );
  return {
    height: HEADING + 24 + rows.length * ROW + AXIS + GAP,
    draw: (top) => {
      const first = top + HEADING + 24;
      const bottom = first + rows.length * ROW;
      return [
        ...heading(top, 'Kernels', 'GPU time gained or lost, all ranks and calls together'),
        ...legendPart(KERNEL_LEGEND, MARGIN, top + HEADING - 6, WIDTH - VALUES - MARGIN).elements,
        quiet(WIDTH - MARGIN - 115, top + HEADING + 9, 'by time per call', 'end'),
        quiet(WIDTH - MARGIN, top + HEADING + 9, 'by count', 'end'),
        ...rows.flatMap((row, index) =>
          isGuilty(diff, row)
            ? [svgRect(MARGIN - 8, first + index * ROW, WIDTH - 2 * MARGIN + 16, ROW, { fill: 'badGround', radius: 3 })]
            : [],
        ),
        ...axisElements(scale, 'GPU time, candidate minus baseline', first, bottom),
        ...rows.flatMap((row, index) =>
          kernelBar(row, names[index] ?? row.name, first + index * ROW, { scale, guilty: isGuilty(diff, row) }),
        ),
        svgLine([scale.at(0), first], [scale.at(0), bottom], 'quiet'),
      ];
    },
  };
};

const magnitude = (row: KernelRow): number => Math.max(Math.abs(row.per_call_effect_ns), Math.abs(row.count_effect_ns));

/** A kernel that is adverse, or of a bucket that is. */
const isGuilty = ({ adverse }: ProfileDiff, row: KernelRow): boolean =>
  adverse.some(({ kind, name }) => (kind === 'kernel' ? name === row.name : kind === 'bucket' && name === row.bucket));

const guiltyFirst = (diff: ProfileDiff): KernelRow[] =>
  [...diff.kernels].sort(
    (a, b) =>
      Number(isGuilty(diff, b)) - Number(isGuilty(diff, a)) ||
      magnitude(b) - magnitude(a) ||
      a.name.localeCompare(b.name),
  );

const kernelBar = (
  row: KernelRow,
  name: string,
  y: number,
  { scale: { at }, guilty }: { readonly scale: AxisScale; readonly guilty: boolean },
): string[] => {
  const half = (ns: number, top: number, height: number, fill: Role): string =>
    svgRect(Math.min(at(0), at(ns)), top, Math.abs(at(ns) - at(0)), height, { fill });
  return [
    rowLabel(y, name, guilty),
    half(row.per_call_effect_ns, y + 4, 9, row.per_call_effect_ns > 0 ? 'bad' : 'good'),
    half(row.count_effect_ns, y + 14, 6, 'base'),
    svgText(
      WIDTH - MARGIN - 115,
      y + 16,
      row.per_call_pct === null
        ? row.class
        : `${formatSignedNanoseconds(row.per_call_effect_ns)} (${formatPercent(row.per_call_pct)})`,
      { anchor: 'end', size: 11, bold: guilty },
    ),
    quiet(WIDTH - MARGIN, y + 16, formatSignedNanoseconds(row.count_effect_ns), 'end'),
  ];
};

const RANK_LEGEND: readonly LegendEntry[] = [
  { text: 'compute and copies', sample: square('blue') },
  { text: 'communication alone', sample: square('amber') },
  { text: 'idle', sample: square('grid') },
];

const rankPanel = ({ ranks, baseline, candidate }: ProfileDiff): Panel | null => {
  const rows = ranks
    .filter((rank) => rank.baseline_timeline !== null || rank.candidate_timeline !== null)
    .slice(0, RANKS);
  if (rows.length === 0) return null;
  const spans = rows.flatMap((row) => [row.baseline_timeline?.span_ns ?? 0, row.candidate_timeline?.span_ns ?? 0]);
  const scale = timeAxis([0, ...spans]);
  const step = 2 * ROW + 4;
  const more = ranks.length > rows.length ? `; ${ranks.length - rows.length} more in the report` : '';
  return {
    height: HEADING + 24 + rows.length * step + AXIS,
    draw: (top) => {
      const first = top + HEADING + 24;
      return [
        ...heading(top, 'Ranks', `what each GPU did over the whole capture${more}`),
        ...legendPart(RANK_LEGEND, MARGIN, top + HEADING - 6, WIDTH - 2 * MARGIN).elements,
        ...axisElements(scale, 'time of the capture', first, first + rows.length * step),
        ...rows.flatMap((row, index) => {
          const y = first + index * step;
          return [
            ...rankBar(`${row.rank}, ${baseline.label}`, row.baseline_timeline, y, scale),
            ...rankBar(`${row.rank}, ${candidate.label}`, row.candidate_timeline, y + ROW - 4, scale),
          ];
        }),
      ];
    },
  };
};

const rankBar = (name: string, timeline: RankRow['baseline_timeline'], y: number, scale: AxisScale): string[] => {
  if (timeline === null) return [];
  const { busy_ns: busy, communication_only_ns: communication, idle_ns: idle, span_ns: span } = timeline;
  const compute = busy - communication;
  const share = span > 0 ? formatShare((100 * idle) / span, 0) : '';
  return [
    rowLabel(y - 1, name),
    bar(scale, 0, compute, y - 1, 'blue'),
    bar(scale, compute, busy, y - 1, 'amber'),
    bar(scale, busy, busy + idle, y - 1, 'grid'),
    valueText(y - 1, `idle ${formatNanoseconds(idle)}`, share),
  ];
};

/** A bar between two values, at least wide enough to be seen. */
const bar = ({ at }: AxisScale, from: number, to: number, y: number, fill: Role): string => {
  const width = Math.abs(at(to) - at(from));
  return svgRect(Math.min(at(from), at(to)), y + 4, to === from ? 0 : Math.max(1.5, width), 15, { fill });
};

const rowLabel = (y: number, text: string, bold = false): string =>
  svgText(LABELS - 10, y + 16, fitText(text, LABELS - 10 - MARGIN, { ...NAME, bold }), {
    ...NAME,
    anchor: 'end',
    bold,
  });

const valueText = (y: number, value: string, note: string): string =>
  svgText(WIDTH - MARGIN, y + 16, note === '' ? value : `${value} (${note})`, { ...LABEL, anchor: 'end' });

const quiet = (x: number, y: number, text: string, anchor: TextStyle['anchor'] = 'start'): string =>
  svgText(x, y, text, { ...LABEL, anchor, fill: 'quiet' });
