// Draws a profile diff as one SVG: kernels by what their calls gained and lost, and what each rank did. A pure function of
// the diff; text is escaped, and no script, font or image is referred to.
import { formatNanoseconds } from '../text/numbers.ts';
import { shortened } from './diff-explain.ts';
import type { KernelRow, ProfileDiff, RankRow } from './diff-schema.ts';

const WIDTH = 960;
const LABELS = 300;
const ROW = 22;
const BARS = WIDTH - LABELS - 150;
const KERNELS = 12;

const COLOURS = {
  longer: '#b3261e',
  shorter: '#1b7f3b',
  count: '#9aa0a6',
  compute: '#3367d6',
  communication: '#f29900',
  idle: '#dadce0',
  text: '#202124',
} as const;

/** A complete SVG document. */
export const profileDiffSvg = (diff: ProfileDiff): string => {
  const kernels = [...diff.kernels]
    .sort((a, b) => magnitude(b) - magnitude(a) || a.name.localeCompare(b.name))
    .slice(0, KERNELS);
  const ranks = diff.ranks.filter((rank) => rank.baseline_timeline !== null || rank.candidate_timeline !== null);
  const kernelTop = 74;
  const rankTop = kernelTop + kernels.length * ROW + 60;
  const height = rankTop + ranks.length * 2 * ROW + 30;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escaped(diff.first_line)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    label(16, 24, `${diff.verdict}: ${diff.baseline.label} to ${diff.candidate.label}`, 'start', 16),
    label(16, kernelTop - 16, 'Kernels: per-call effect (coloured) and count effect (grey), ns'),
    ...kernelBars(kernels, kernelTop),
    ...(ranks.length > 0 ? [label(16, rankTop - 16, 'Ranks: compute, exposed communication, idle')] : []),
    ...rankBars(ranks, rankTop),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
};

const magnitude = (row: KernelRow): number => Math.max(Math.abs(row.per_call_effect_ns), Math.abs(row.count_effect_ns));

const kernelBars = (rows: readonly KernelRow[], top: number): string[] => {
  const largest = Math.max(1, ...rows.map(magnitude));
  const middle = LABELS + BARS / 2;
  const width = (ns: number): number => (Math.abs(ns) / largest) * (BARS / 2);
  const bar = (ns: number, y: number, height: number, fill: string): string =>
    rect(ns < 0 ? middle - width(ns) : middle, y, width(ns), height, fill);
  return rows.flatMap((row, index) => {
    const y = top + index * ROW;
    const fill = row.per_call_effect_ns > 0 ? COLOURS.longer : COLOURS.shorter;
    return [
      label(LABELS - 8, y + 13, shortened(row.short_name).slice(0, 44), 'end'),
      bar(row.count_effect_ns, y + 11, 6, COLOURS.count),
      bar(row.per_call_effect_ns, y + 3, 8, fill),
      label(WIDTH - 12, y + 13, signed(row.per_call_effect_ns), 'end'),
    ];
  });
};

const rankBars = (rows: readonly RankRow[], top: number): string[] => {
  const spans = rows.flatMap((row) => [row.baseline_timeline?.span_ns ?? 0, row.candidate_timeline?.span_ns ?? 0]);
  const longest = Math.max(1, ...spans);
  return rows.flatMap((row, index) => {
    const y = top + index * 2 * ROW;
    return [
      ...rankBar(`${row.rank} before`, row.baseline_timeline, y, longest),
      ...rankBar(`${row.rank} after`, row.candidate_timeline, y + ROW, longest),
    ];
  });
};

const rankBar = (name: string, timeline: RankRow['baseline_timeline'], y: number, longest: number): string[] => {
  if (timeline === null) return [];
  const scale = BARS / longest;
  const communication = timeline.communication_only_ns;
  const compute = timeline.busy_ns - communication;
  const places = [
    { ns: compute, fill: COLOURS.compute },
    { ns: communication, fill: COLOURS.communication },
    { ns: timeline.idle_ns, fill: COLOURS.idle },
  ];
  let x = LABELS;
  const bars = places.map(({ ns, fill }) => {
    const drawn = rect(x, y + 3, ns * scale, 14, fill);
    x += ns * scale;
    return drawn;
  });
  const idle = `idle ${formatNanoseconds(timeline.idle_ns)}`;
  return [label(LABELS - 8, y + 14, name, 'end'), ...bars, label(WIDTH - 12, y + 14, idle, 'end')];
};

const rect = (x: number, y: number, width: number, height: number, fill: string): string =>
  `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${height}" fill="${fill}"/>`;

const label = (x: number, y: number, text: string, anchor: 'start' | 'end' = 'start', size = 12): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}" fill="${COLOURS.text}">${escaped(text)}</text>`;

const signed = (ns: number): string => `${ns < 0 ? '-' : '+'}${formatNanoseconds(Math.abs(ns))}`;

const escaped = (text: string): string =>
  text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
