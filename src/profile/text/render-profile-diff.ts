// Renders a profile diff as 1.5 kB of text and as the Markdown report. Chooses and formats; computes nothing.
import { fitLines } from '../../text/fit-lines.ts';
import { formatBytes, formatNanoseconds, formatPercent, formatShare } from '../../render/numbers.ts';
import { markdownTable } from '../../render/markdown.ts';
import type { Column } from '../../render/document.ts';
import { decisionLine, leverLine } from '../../verdict/wording.ts';
import { shortened } from './first-line.ts';
import { readableName } from '../kernels/reduced-names.ts';
import type { KernelRow, ProfileDiff, StepEffect } from '../diff/profile-diff-schema.ts';

const TEXT_LIMIT = 1500;

/** The first line, then as many further lines as fit 1.5 kB, the most important first. */
export const renderProfileDiffText = (diff: ProfileDiff): string =>
  fitLines([diff.first_line, ...textLines(diff)].join('\n'), TEXT_LIMIT, 'in the report');

const textLines = (diff: ProfileDiff): string[] => [
  decidedLine(diff),
  ...diff.warnings.slice(0, 3).map((warning) => `warning: ${warning}`),
  totalsLine(diff),
  ...(diff.step === null ? [] : [stepLine(diff)]),
  leverLine(diff.next_lever),
  ...diff.ranks.slice(0, 4).flatMap(rankLine),
  ...topRows(diff).slice(0, 5).map(kernelLine),
  ...diff.warnings.slice(3).map((warning) => `warning: ${warning}`),
];

const decidedLine = ({ decision, decision_text: text, baseline, candidate }: ProfileDiff): string =>
  decisionLine(text, decision, [baseline.captures, candidate.captures], 'captures');

const totalsLine = ({ totals }: ProfileDiff): string =>
  `kernels: ${formatNanoseconds(totals.baseline_ns)} -> ${formatNanoseconds(totals.candidate_ns)}, ` +
  `calls ${totals.baseline_calls} -> ${totals.candidate_calls}: count effect ${signed(totals.count_effect_ns)}, ` +
  `per-call effect ${signed(totals.per_call_effect_ns)}`;

const stepLine = ({ step, headline }: ProfileDiff): string => {
  if (step === null) return '';
  const parts = stepParts(step).map(([name, ns]) => `${name} ${signed(ns)}`);
  return `per ${headline.unit}: ${signed(step.change_ns)} = ${parts.join(', ')}`;
};

/** Parts of at least one percent of the change, with what is left over last: they add up to the change nearly. */
export const stepParts = (step: StepEffect): (readonly [name: string, ns: number])[] => {
  const parts: readonly (readonly [string, number | null])[] = [
    ['work', step.work_ns],
    ['clock', step.clock_ns],
    ['kernels', step.kernel_ns],
    ['transfer', step.transfer_ns],
    ['waiting', step.waiting_ns],
    ['collectives', step.collective_ns],
    ['exposed launch', step.exposed_launch_ns],
    ['copies', step.copies_ns],
    ['concurrency', step.concurrency_ns],
  ];
  const least = Math.abs(step.change_ns) * 0.01;
  const large = parts.flatMap(([name, ns]) => (ns !== null && Math.abs(ns) > least ? [[name, ns] as const] : []));
  return [...large, ['residual (other idle)', step.residual_ns]];
};

const rankLine = (rank: ProfileDiff['ranks'][number]): string[] => {
  const [before, after] = [rank.baseline_timeline, rank.candidate_timeline];
  if (before === null || after === null) return [];
  return [
    `${rank.rank}: busy ${formatNanoseconds(before.busy_ns)} -> ${formatNanoseconds(after.busy_ns)}, ` +
      `idle ${formatNanoseconds(before.idle_ns)} -> ${formatNanoseconds(after.idle_ns)}`,
  ];
};

/** Adverse kernels first, then new, removed and renamed ones, then the largest per-call effects. */
const topRows = (diff: ProfileDiff): KernelRow[] => {
  const weight = (row: KernelRow): number => {
    if (row.adverse) return 0;
    if (row.change === 'slower') return 1;
    return row.class === 'both' ? 3 : 2;
  };
  return [...diff.kernels].sort(
    (a, b) => weight(a) - weight(b) || costMoved(b) - costMoved(a) || a.name.localeCompare(b.name),
  );
};

/** Time that calls gained or lost, or that came and went with the kernel. */
const costMoved = (row: KernelRow): number =>
  Math.abs(row.per_call_pct === null ? row.delta_ns : row.per_call_effect_ns);

const kernelLine = (row: KernelRow): string => {
  const mark = row.adverse ? 'adverse ' : row.class === 'both' ? '' : `${row.class} `;
  return (
    `${mark}${shortened(row.short_name)}: ${row.baseline.calls} -> ${row.candidate.calls} calls, ` +
    (row.per_call_pct === null
      ? `${signed(row.delta_ns)} of GPU time`
      : `${formatPercent(row.per_call_pct)} per call, ${signed(row.per_call_effect_ns)} per-call effect`) +
    (row.q_note === null ? '' : `; q ${(row.q ?? 1).toFixed(2)} is silent: ${row.q_note}`)
  );
};

const signed = (ns: number): string => `${ns < 0 ? '-' : '+'}${formatNanoseconds(Math.abs(ns))}`;

const right = (title: string): Column => ({ title, align: 'right' });
const left = (title: string): Column => ({ title });

/** The whole report; `limit` rows per table. The JSON beside it is not limited. */
export const renderProfileDiffMarkdown = (diff: ProfileDiff, limit = 20): string => {
  const sections = [
    `# Profile diff\n\n**${diff.first_line}**`,
    summarySection(diff),
    diff.warnings.length === 0 ? '' : `## Warnings\n\n${diff.warnings.map((warning) => `- ${warning}`).join('\n')}`,
    adverseSection(diff),
    kernelSection(
      'Adverse kernels',
      diff.kernels.filter((row) => row.adverse),
      limit,
    ),
    kernelSection(
      'New, removed and renamed kernels',
      diff.kernels.filter((row) => row.class !== 'both'),
      limit,
    ),
    kernelSection('Kernels by change', diff.kernels, limit),
    bucketSection(diff),
    rankSection(diff),
    collectiveSection(diff, limit),
    stepSection(diff),
    copySection(diff),
    rangeSection(diff, limit),
    namedSection('CUDA API', diff.api, limit),
    namedSection('Host waits', diff.waits, limit),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
};

const summarySection = (diff: ProfileDiff): string =>
  [
    `- ${decidedLine(diff)}`,
    `- ${diff.baseline.label}: ${diff.baseline.sources.join(', ')} (${diff.baseline.formats.join(', ')})`,
    `- ${diff.candidate.label}: ${diff.candidate.sources.join(', ')} (${diff.candidate.formats.join(', ')})`,
    `- ${diff.headline.metric}: ${nsOr(diff.headline.baseline_ns)} -> ${nsOr(diff.headline.candidate_ns)} (${formatPercent(diff.headline.change_pct)})`,
    `- ${totalsLine(diff)}`,
    `- common factor of compute kernels: ${diff.clock.factor.toFixed(4)}${diff.clock.applied ? ' (clock or power changed; taken out)' : ''}`,
    `- ${leverLine(diff.next_lever)}`,
    '- delta = candidate - baseline = count effect (change in calls x mean before) + per-call effect',
  ].join('\n');

const nsOr = (ns: number | null): string => (ns === null ? 'n/a' : formatNanoseconds(ns));

const adverseSection = ({ adverse }: ProfileDiff): string => {
  const columns = [left('what'), left('name'), left('rank'), right('change'), right('cost')];
  const rows = adverse.map(({ kind, name, rank, pct, effect_ns: ns }) => [
    kind,
    kind === 'kernel' ? readableName(name) : name,
    rank ?? 'all',
    formatPercent(pct),
    signed(ns),
  ]);
  return rows.length === 0 ? '' : `## Adverse\n\n${markdownTable(columns, rows)}`;
};

const kernelSection = (title: string, rows: readonly KernelRow[], limit: number): string => {
  if (rows.length === 0) return '';
  const columns = [
    left('kernel'),
    left('bucket'),
    right('calls'),
    right('total'),
    right('mean'),
    right('median'),
    right('p95'),
    right('delta'),
    right('count effect'),
    right('per-call effect'),
    right('per call'),
    right('q'),
    left('launch'),
  ];
  const shown = rows.slice(0, limit);
  const rest = rows.length > shown.length ? ` ${rows.length - shown.length} more rows there.` : '';
  const silent = shown.flatMap(({ short_name: name, q_note: why }) =>
    why === null ? [] : [`\\* The test of single calls is silent on ${shortened(name)}: ${why}.`],
  );
  const note = [`Names are shortened; the JSON file has them whole.${rest}`, ...silent].join('\n\n');
  return `## ${title}\n\n${markdownTable(columns, shown.map(kernelCells))}\n\n${note}`;
};

const kernelCells = (row: KernelRow): string[] => {
  const pair = (pick: (side: KernelRow['baseline']) => number | null): string =>
    `${nsOr(pick(row.baseline))} -> ${nsOr(pick(row.candidate))}`;
  const own = readableName(row.name);
  const name = row.baseline_name === null ? own : `${own} (was ${readableName(row.baseline_name)})`;
  return [
    row.class === 'both' || row.class === 'paired' ? name : `${name} [${row.class}]`,
    row.bucket,
    `${row.baseline.calls} -> ${row.candidate.calls}`,
    pair((side) => side.total_ns),
    pair((side) => side.mean_ns),
    pair((side) => side.median_ns),
    pair((side) => side.p95_ns),
    signed(row.delta_ns),
    signed(row.count_effect_ns),
    signed(row.per_call_effect_ns),
    formatPercent(row.per_call_pct),
    `${row.q === null ? 'n/a' : row.q < 0.001 ? '<0.001' : row.q.toFixed(3)}${row.q_note === null ? '' : ' *'}`,
    row.launch === null || row.launch.changed.length === 0 ? 'unchanged' : launchChange(row.launch),
  ];
};

const launchChange = (launch: NonNullable<KernelRow['launch']>): string => {
  const text = (side: NonNullable<typeof launch.baseline> | null): string =>
    side === null
      ? 'n/a'
      : `<<<${side.grid.join('x')}, ${side.block.join('x')}>>> ${side.registers_per_thread ?? '?'} regs ${(side.static_shared_bytes ?? 0) + (side.dynamic_shared_bytes ?? 0)} B shared`;
  return `${launch.changed.join(', ')}: ${text(launch.baseline)} -> ${text(launch.candidate)}`;
};

const bucketSection = (diff: ProfileDiff): string => {
  const columns = [
    left('bucket'),
    right('calls'),
    right('total'),
    right('delta'),
    right('per-call effect'),
    right('per call'),
    right('share'),
    left(''),
  ];
  const rows = diff.buckets.map((row) => [
    row.bucket,
    `${row.baseline.calls} -> ${row.candidate.calls}`,
    `${formatNanoseconds(row.baseline.total_ns)} -> ${formatNanoseconds(row.candidate.total_ns)}`,
    signed(row.delta_ns),
    signed(row.per_call_effect_ns),
    formatPercent(row.per_call_pct),
    formatShare(row.share_pct),
    row.adverse ? 'adverse' : '',
  ]);
  return rows.length === 0 ? '' : `## Buckets\n\n${markdownTable(columns, rows)}`;
};

const rankSection = (diff: ProfileDiff): string => {
  const columns = [
    left('rank'),
    left('GPU'),
    right('kernels'),
    right('busy'),
    right('idle'),
    right('communication alone'),
    right('overlapped'),
    right('exposed launch'),
  ];
  const rows = diff.ranks.map((row) => {
    const [before, after] = [row.baseline_timeline, row.candidate_timeline];
    type Line = NonNullable<typeof before>;
    const pair = (pick: (line: Line) => number | null): string =>
      `${before === null ? 'n/a' : nsOr(pick(before))} -> ${after === null ? 'n/a' : nsOr(pick(after))}`;
    return [
      row.rank,
      row.gpu ?? 'n/a',
      `${formatNanoseconds(row.baseline.total_ns)} -> ${formatNanoseconds(row.candidate.total_ns)}`,
      pair((line) => line.busy_ns),
      pair((line) => line.idle_ns),
      pair((line) => line.communication_only_ns),
      pair((line) => line.overlap_ns),
      pair((line) => line.exposed_launch_ns),
    ];
  });
  return rows.length === 0 ? '' : `## Ranks\n\n${markdownTable(columns, rows)}`;
};

const collectiveSection = (diff: ProfileDiff, limit: number): string => {
  const columns = [
    left('collective'),
    right('matched calls'),
    right('transfer per call'),
    right('waiting per call'),
    left('grew'),
    left('late rank'),
  ];
  const rows = diff.collectives
    .slice(0, limit)
    .map((row) => [
      readableName(row.kernel),
      `${row.baseline.matched_calls} -> ${row.candidate.matched_calls}`,
      `${nsOr(row.transfer_per_call_ns.baseline)} -> ${nsOr(row.transfer_per_call_ns.candidate)}`,
      `${nsOr(row.waiting_per_call_ns.baseline)} -> ${nsOr(row.waiting_per_call_ns.candidate)}`,
      row.grew.replace('_', ' '),
      `${row.late_rank.baseline ?? 'none'} -> ${row.late_rank.candidate ?? 'none'}`,
    ]);
  return rows.length === 0 ? '' : `## Collectives\n\n${markdownTable(columns, rows)}`;
};

const stepSection = (diff: ProfileDiff): string => {
  if (diff.step === null) return '';
  const rows = Object.entries(diff.step).map(([name, ns]) => [
    name.replace(/_ns$/, '').replaceAll('_', ' '),
    ns === null ? 'n/a' : signed(ns),
  ]);
  return `## Time per ${diff.headline.unit}\n\n${markdownTable([left('part'), right('change')], rows)}`;
};

const copySection = (diff: ProfileDiff): string => {
  const columns = [left('kind'), right('count'), right('bytes'), right('time'), right('GB/s')];
  const rate = (value: number | null): string => (value === null ? 'n/a' : value.toFixed(1));
  const rows = diff.copies.map(({ kind, baseline, candidate }) => [
    kind,
    `${baseline.calls} -> ${candidate.calls}`,
    `${formatBytes(baseline.bytes)} -> ${formatBytes(candidate.bytes)}`,
    `${formatNanoseconds(baseline.total_ns)} -> ${formatNanoseconds(candidate.total_ns)}`,
    `${rate(baseline.gb_per_s)} -> ${rate(candidate.gb_per_s)}`,
  ]);
  return rows.length === 0 ? '' : `## Copies\n\n${markdownTable(columns, rows)}`;
};

const rangeSection = (diff: ProfileDiff, limit: number): string => {
  const columns = [
    left('range'),
    right('count'),
    right('host time'),
    right('delta'),
    right('GPU time'),
    right('innermost GPU time'),
  ];
  const rows = diff.ranges
    .slice(0, limit)
    .map(({ name, domain, baseline, candidate, delta_ns: delta }) => [
      domain === 0 ? name : `${name} (domain ${domain})`,
      `${baseline.calls} -> ${candidate.calls}`,
      `${formatNanoseconds(baseline.total_ns)} -> ${formatNanoseconds(candidate.total_ns)}`,
      signed(delta),
      `${nsOr(baseline.gpu_ns)} -> ${nsOr(candidate.gpu_ns)}`,
      `${nsOr(baseline.gpu_self_ns)} -> ${nsOr(candidate.gpu_self_ns)}`,
    ]);
  return rows.length === 0 ? '' : `## Ranges\n\n${markdownTable(columns, rows)}`;
};

const namedSection = (title: string, all: ProfileDiff['api'], limit: number): string => {
  const columns = [left('name'), right('calls'), right('time'), right('delta'), right('per-call effect')];
  const rows = all
    .slice(0, limit)
    .map((row) => [
      row.name,
      `${row.baseline.calls} -> ${row.candidate.calls}`,
      `${formatNanoseconds(row.baseline.total_ns)} -> ${formatNanoseconds(row.candidate.total_ns)}`,
      signed(row.delta_ns),
      signed(row.per_call_effect_ns),
    ]);
  return rows.length === 0 ? '' : `## ${title}\n\n${markdownTable(columns, rows)}`;
};
