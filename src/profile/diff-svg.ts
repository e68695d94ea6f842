// Draws a profile diff as one SVG: kernels by what their calls gained and lost, and what each rank did. A pure function of
// the diff; text is escaped, and no script, font or image is referred to.
import { formatNanoseconds } from '../text/numbers.ts';
import { escapeXml } from '../text/svg.ts';
import { readableName } from './kernel-names.ts';
import type { KernelRow, ProfileDiff, RankRow } from './diff-schema.ts';

const WIDTH = 1080;
const MARGIN = 16;
const LABELS = 340;
const VALUES = 190;
const ROW = 24;
const BARS = WIDTH - LABELS - VALUES;
const KERNELS = 12;
const RANKS = 16;
/** Characters of 12 px that fit the width, and the column of labels. */
const LINE_CHARACTERS = 150;
const LABEL_CHARACTERS = 42;
const TITLE_LINES = 4;

const COLOURS = {
  longer: '#b3261e',
  shorter: '#1b7f3b',
  count: '#9aa0a6',
  compute: '#3367d6',
  communication: '#f29900',
  idle: '#dadce0',
  text: '#202124',
  quiet: '#5f6368',
} as const;

/** A complete SVG document. */
export const profileDiffSvg = (diff: ProfileDiff): string => {
  const kernels = [...diff.kernels]
    .sort((a, b) => magnitude(b) - magnitude(a) || a.name.localeCompare(b.name))
    .slice(0, KERNELS);
  const ranks = diff.ranks
    .filter((rank) => rank.baseline_timeline !== null || rank.candidate_timeline !== null)
    .slice(0, RANKS);
  const title = wrapped(diff.first_line);
  const kernelTop = 44 + title.length * 16 + 60;
  const rankTop = kernelTop + kernels.length * ROW + (ranks.length > 0 ? 84 : 0);
  const height = rankTop + ranks.length * 2 * ROW + 20;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escapeXml(diff.first_line)}</title>`,
    rect(0, 0, WIDTH, height, '#ffffff'),
    label(MARGIN, 26, `${diff.baseline.label} to ${diff.candidate.label}`, { size: 16 }),
    ...title.map((line, index) => label(MARGIN, 50 + index * 16, line)),
    ...(kernels.length > 0 ? kernelChart(kernels, kernelTop) : []),
    ...(ranks.length > 0 ? rankChart(ranks, rankTop, diff) : []),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
};

const wrapped = (text: string): string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < LINE_CHARACTERS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word.slice(0, LINE_CHARACTERS));
  }
  return lines.length <= TITLE_LINES
    ? lines
    : [...lines.slice(0, TITLE_LINES - 1), `${lines[TITLE_LINES - 1] ?? ''} ...`];
};

const magnitude = (row: KernelRow): number => Math.max(Math.abs(row.per_call_effect_ns), Math.abs(row.count_effect_ns));

const kernelChart = (rows: readonly KernelRow[], top: number): string[] => {
  const largest = Math.max(1, ...rows.map(magnitude));
  const middle = LABELS + BARS / 2;
  const bottom = top + rows.length * ROW;
  return [
    label(MARGIN, top - 36, 'Kernels: how their GPU time changed', { size: 13 }),
    ...legend(top - 28, [
      ['longer per call', COLOURS.longer],
      ['shorter per call', COLOURS.shorter],
      ['more or fewer calls', COLOURS.count],
    ]),
    label(WIDTH - 96, top - 6, 'per call', { anchor: 'end', fill: COLOURS.quiet }),
    label(WIDTH - MARGIN, top - 6, 'calls', { anchor: 'end', fill: COLOURS.quiet }),
    `<line x1="${middle}" y1="${top}" x2="${middle}" y2="${bottom}" stroke="${COLOURS.quiet}"/>`,
    ...rows.flatMap((row, index) => kernelBar(row, top + index * ROW, (ns) => (ns / largest) * (BARS / 2 - 8))),
    ...[-1, 1].map((side) =>
      label(middle + side * (BARS / 2 - 8), bottom + 14, signed(side * largest), {
        anchor: 'middle',
        fill: COLOURS.quiet,
      }),
    ),
    label(middle, bottom + 14, '0', { anchor: 'middle', fill: COLOURS.quiet }),
  ];
};

const kernelBar = (row: KernelRow, y: number, length: (ns: number) => number): string[] => {
  const middle = LABELS + BARS / 2;
  const bar = (ns: number, at: number, height: number, fill: string): string =>
    rect(Math.min(middle, middle + length(ns)), at, Math.abs(length(ns)), height, fill);
  return [
    label(LABELS - 10, y + 16, readableName(row.name, LABEL_CHARACTERS), { anchor: 'end' }),
    bar(row.per_call_effect_ns, y + 4, 9, row.per_call_effect_ns > 0 ? COLOURS.longer : COLOURS.shorter),
    bar(row.count_effect_ns, y + 14, 6, COLOURS.count),
    label(WIDTH - 96, y + 16, signed(row.per_call_effect_ns), { anchor: 'end' }),
    label(WIDTH - MARGIN, y + 16, signed(row.count_effect_ns), { anchor: 'end', fill: COLOURS.quiet }),
  ];
};

const rankChart = (rows: readonly RankRow[], top: number, { baseline, candidate }: ProfileDiff): string[] => {
  const spans = rows.flatMap((row) => [row.baseline_timeline?.span_ns ?? 0, row.candidate_timeline?.span_ns ?? 0]);
  const scale = (BARS - 8) / Math.max(1, ...spans);
  return [
    label(MARGIN, top - 36, 'Ranks: what the GPU did', { size: 13 }),
    ...legend(top - 28, [
      ['compute and copies', COLOURS.compute],
      ['communication alone', COLOURS.communication],
      ['idle', COLOURS.idle],
    ]),
    ...rows.flatMap((row, index) => [
      ...rankBar(`${row.rank}, ${baseline.label}`, row.baseline_timeline, top + index * 2 * ROW, scale),
      ...rankBar(`${row.rank}, ${candidate.label}`, row.candidate_timeline, top + (2 * index + 1) * ROW - 4, scale),
    ]),
  ];
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
    const drawn = rect(x, y + 3, ns * scale, 15, fill);
    x += ns * scale;
    return drawn;
  });
  const idle = `idle ${formatNanoseconds(timeline.idle_ns)}`;
  return [
    label(LABELS - 10, y + 15, name.slice(-LABEL_CHARACTERS), { anchor: 'end' }),
    ...bars,
    label(WIDTH - MARGIN, y + 15, idle, { anchor: 'end' }),
  ];
};

/** Coloured squares with their meaning, in one line from the left. */
const legend = (y: number, entries: readonly (readonly [text: string, fill: string])[]): string[] => {
  let x = MARGIN;
  return entries.flatMap(([text, fill]) => {
    const parts = [rect(x, y, 10, 10, fill), label(x + 15, y + 9, text, { fill: COLOURS.quiet })];
    x += 30 + text.length * 7;
    return parts;
  });
};

const rect = (x: number, y: number, width: number, height: number, fill: string): string =>
  `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${height}" fill="${fill}"/>`;

interface LabelStyle {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly size?: number;
  readonly fill?: string;
}

const label = (
  x: number,
  y: number,
  text: string,
  { anchor = 'start', size = 12, fill = COLOURS.text }: LabelStyle = {},
): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}" fill="${fill}">${escapeXml(text)}</text>`;

const signed = (ns: number): string => `${ns < 0 ? '-' : '+'}${formatNanoseconds(Math.abs(ns))}`;
