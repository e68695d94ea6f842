// Draws a profile diff as one SVG: the verdict, what the change of a unit of work is made of, kernels by what their calls
// gained and lost, and what each rank did. A pure function of the diff.
import { formatNanoseconds } from '../../text/numbers.ts';
import { GREY, INK, svgDocument, svgLine, svgRect, svgText } from '../../render/svg.ts';
import { stepParts } from './render-profile-diff.ts';
import { readableName } from '../kernels/reduced-names.ts';
import type { KernelRow, ProfileDiff, RankRow } from '../diff/profile-diff-schema.ts';

const WIDTH = 1080;
const MARGIN = 20;
const LABELS = 330;
const VALUES = 250;
const ROW = 24;
const BARS = WIDTH - LABELS - VALUES;
const KERNELS = 12;
const RANKS = 16;
/** Characters of 13 px that fit beside the verdict, and of 12 px in the column of labels. */
const LINE_CHARACTERS = 136;
const LABEL_CHARACTERS = 42;
const TITLE_LINES = 5;

const COLOURS = {
  longer: '#c0392b',
  shorter: '#2e8b57',
  count: '#b0b7c3',
  compute: '#3b6fb6',
  communication: '#e39a1e',
  idle: '#e5e7eb',
  total: '#64748b',
  guilty: '#fdecea',
} as const;

const VERDICT_COLOURS: Readonly<Record<ProfileDiff['verdict'], string>> = {
  GREEN: '#2e8b57',
  YELLOW: '#b7791f',
  RED: '#c0392b',
};

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

const headPanel = (diff: ProfileDiff): Panel => {
  const lines = wrapped(diff.first_line.replace(/^(GREEN|YELLOW|RED)( for [^:]+)?: /, ''));
  const area = /^(?:YELLOW|RED)( for [^:]+): /.exec(diff.first_line)?.[1] ?? '';
  return {
    height: 46 + lines.length * 18 + 14,
    draw: (top) => [
      svgRect(MARGIN, top, 86, 28, `rx="4" fill="${VERDICT_COLOURS[diff.verdict]}"`),
      svgText(
        MARGIN + 43,
        top + 19,
        diff.verdict,
        'font-size="14" font-weight="bold" text-anchor="middle" fill="white"',
      ),
      svgText(MARGIN + 98, top + 19, area.trim(), `font-size="15" font-weight="bold" fill="${INK}"`),
      quiet(WIDTH - MARGIN, top + 19, `${diff.baseline.label} → ${diff.candidate.label}`, 'end'),
      ...lines.map((line, index) => svgText(MARGIN, top + 52 + index * 18, line, `font-size="13" fill="${INK}"`)),
    ],
  };
};

const wrapped = (text: string): string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < LINE_CHARACTERS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word.slice(0, LINE_CHARACTERS));
  }
  if (lines.length <= TITLE_LINES) return lines;
  return [...lines.slice(0, TITLE_LINES - 1), `${lines[TITLE_LINES - 1] ?? ''} ...`];
};

const heading = (top: number, title: string, note: string): string[] => [
  svgText(MARGIN, top + 16, title, `font-size="14" font-weight="bold" fill="${INK}"`),
  quiet(MARGIN + title.length * 8.6 + 12, top + 16, note),
];

const HEADING = 34;
const GAP = 22;

/** The time of one unit before, what was added and saved, and the time after: bars that begin where the last one ended. */
const stepPanel = ({ step, headline }: ProfileDiff): Panel | null => {
  const { baseline_ns: before, candidate_ns: after } = headline;
  if (step === null || before === null || after === null) return null;
  const parts = stepParts(step);
  const high = Math.max(
    before,
    after,
    ...runningSums(
      before,
      parts.map(([, ns]) => ns),
    ),
  );
  const scale = (BARS - 8) / high;
  return {
    height: HEADING + (parts.length + 2) * ROW + GAP,
    draw: (top) => {
      let at = before;
      const bars = parts.flatMap(([name, ns], index) => {
        const y = top + HEADING + (index + 1) * ROW;
        const from = LABELS + Math.min(at, at + ns) * scale;
        at += ns;
        return [
          rowLabel(y, name),
          bar(from, y, Math.max(1.5, Math.abs(ns) * scale), ns > 0 ? COLOURS.longer : COLOURS.shorter),
          valueText(y, signed(ns), signedPercent((100 * ns) / before)),
        ];
      });
      const last = top + HEADING + (parts.length + 1) * ROW;
      return [
        ...heading(top, `Time per ${headline.unit}`, 'on one rank; the parts add up to the change'),
        rowLabel(top + HEADING, 'before'),
        bar(LABELS, top + HEADING, before * scale, COLOURS.total),
        valueText(top + HEADING, formatNanoseconds(before), ''),
        ...bars,
        rowLabel(last, 'after'),
        bar(LABELS, last, after * scale, COLOURS.total),
        valueText(last, formatNanoseconds(after), `${signedPercent(headline.change_pct)}`),
      ];
    },
  };
};

const runningSums = (start: number, values: readonly number[]): number[] => {
  let sum = start;
  return values.map((value) => (sum += value));
};

const kernelPanel = (diff: ProfileDiff): Panel | null => {
  const rows = guiltyFirst(diff).slice(0, KERNELS);
  if (rows.length === 0) return null;
  const largest = Math.max(1, ...rows.map(magnitude));
  const middle = LABELS + BARS / 2;
  const length = (ns: number): number => (ns / largest) * (BARS / 2 - 8);
  return {
    height: HEADING + 22 + rows.length * ROW + 18 + GAP,
    draw: (top) => {
      const first = top + HEADING + 22;
      const bottom = first + rows.length * ROW;
      return [
        ...heading(top, 'Kernels', 'GPU time gained or lost, all ranks and calls together'),
        ...legend(top + HEADING, [
          ['longer per call', COLOURS.longer],
          ['shorter per call', COLOURS.shorter],
          ['more or fewer calls', COLOURS.count],
        ]),
        quiet(WIDTH - MARGIN - 115, top + HEADING + 9, 'by time per call', 'end'),
        quiet(WIDTH - MARGIN, top + HEADING + 9, 'by count', 'end'),
        ...rows.flatMap((row, index) => kernelBar(row, isGuilty(diff, row), first + index * ROW, length)),
        svgLine([middle, first], [middle, bottom], `stroke="${GREY}"`),
        ...[-1, 0, 1].map((side) =>
          quiet(middle + side * (BARS / 2 - 8), bottom + 14, side === 0 ? '0' : signed(side * largest), 'middle'),
        ),
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

const kernelBar = (row: KernelRow, guilty: boolean, y: number, length: (ns: number) => number): string[] => {
  const middle = LABELS + BARS / 2;
  const half = (ns: number, at: number, height: number, fill: string): string =>
    svgRect(Math.min(middle, middle + length(ns)), at, Math.abs(length(ns)), height, `fill="${fill}"`);
  return [
    guilty ? svgRect(MARGIN - 8, y, WIDTH - 2 * MARGIN + 16, ROW, `rx="3" fill="${COLOURS.guilty}"`) : '',
    rowLabel(y, readableName(row.name, LABEL_CHARACTERS), guilty),
    half(row.per_call_effect_ns, y + 4, 9, row.per_call_effect_ns > 0 ? COLOURS.longer : COLOURS.shorter),
    half(row.count_effect_ns, y + 14, 6, COLOURS.count),
    svgText(
      WIDTH - MARGIN - 115,
      y + 16,
      row.per_call_pct === null ? row.class : `${signed(row.per_call_effect_ns)} (${signedPercent(row.per_call_pct)})`,
      `text-anchor="end" fill="${INK}"${guilty ? ' font-weight="bold"' : ''}`,
    ),
    quiet(WIDTH - MARGIN, y + 16, signed(row.count_effect_ns), 'end'),
  ];
};

const rankPanel = ({ ranks, baseline, candidate }: ProfileDiff): Panel | null => {
  const rows = ranks
    .filter((rank) => rank.baseline_timeline !== null || rank.candidate_timeline !== null)
    .slice(0, RANKS);
  if (rows.length === 0) return null;
  const spans = rows.flatMap((row) => [row.baseline_timeline?.span_ns ?? 0, row.candidate_timeline?.span_ns ?? 0]);
  const scale = (BARS - 8) / Math.max(1, ...spans);
  const step = 2 * ROW + 4;
  return {
    height: HEADING + 22 + rows.length * step,
    draw: (top) => [
      ...heading(
        top,
        'Ranks',
        `what each GPU did over the whole capture${ranks.length > rows.length ? `; ${ranks.length - rows.length} more in the report` : ''}`,
      ),
      ...legend(top + HEADING, [
        ['compute and copies', COLOURS.compute],
        ['communication alone', COLOURS.communication],
        ['idle', COLOURS.idle],
      ]),
      ...rows.flatMap((row, index) => {
        const y = top + HEADING + 22 + index * step;
        return [
          ...rankBar(`${row.rank}, ${baseline.label}`, row.baseline_timeline, y, scale),
          ...rankBar(`${row.rank}, ${candidate.label}`, row.candidate_timeline, y + ROW - 4, scale),
        ];
      }),
    ],
  };
};

const rankBar = (name: string, timeline: RankRow['baseline_timeline'], y: number, scale: number): string[] => {
  if (timeline === null) return [];
  const communication = timeline.communication_only_ns;
  const places = [
    { ns: timeline.busy_ns - communication, fill: COLOURS.compute },
    { ns: communication, fill: COLOURS.communication },
    { ns: timeline.idle_ns, fill: COLOURS.idle },
  ];
  let x = LABELS;
  const bars = places.map(({ ns, fill }) => {
    const drawn = svgRect(x, y + 3, ns * scale, 15, `fill="${fill}"`);
    x += ns * scale;
    return drawn;
  });
  const share = timeline.span_ns > 0 ? `${((100 * timeline.idle_ns) / timeline.span_ns).toFixed(0)}%` : '';
  return [
    rowLabel(y - 1, name.slice(-LABEL_CHARACTERS)),
    ...bars,
    svgText(
      WIDTH - MARGIN,
      y + 15,
      `idle ${formatNanoseconds(timeline.idle_ns)} (${share})`,
      `text-anchor="end" fill="${INK}"`,
    ),
  ];
};

/** Coloured squares with their meaning, in one line from the left. */
const legend = (y: number, entries: readonly (readonly [text: string, fill: string])[]): string[] => {
  let x = MARGIN;
  return entries.flatMap(([text, fill]) => {
    const parts = [svgRect(x, y, 10, 10, `fill="${fill}"`), quiet(x + 15, y + 9, text)];
    x += 32 + text.length * 7;
    return parts;
  });
};

const bar = (x: number, y: number, width: number, fill: string): string =>
  svgRect(x, y + 4, width, 15, `fill="${fill}"`);

const rowLabel = (y: number, text: string, bold = false): string =>
  svgText(LABELS - 10, y + 16, text, `text-anchor="end" fill="${INK}"${bold ? ' font-weight="bold"' : ''}`);

const valueText = (y: number, value: string, note: string): string =>
  svgText(WIDTH - MARGIN, y + 16, note === '' ? value : `${value} (${note})`, `text-anchor="end" fill="${INK}"`);

const quiet = (x: number, y: number, text: string, anchor: 'start' | 'middle' | 'end' = 'start'): string =>
  svgText(x, y, text, `text-anchor="${anchor}" fill="${GREY}"`);

const signed = (ns: number): string => `${ns < 0 ? '-' : '+'}${formatNanoseconds(Math.abs(ns))}`;

const signedPercent = (pct: number | null): string =>
  pct === null ? 'n/a' : `${pct < 0 ? '-' : '+'}${Math.abs(pct).toFixed(1)}%`;
