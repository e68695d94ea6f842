// Says what happened: the first line of a profile diff. Every word is chosen by the numbers of the diff. Pure text.
import { formatFixed, formatNanoseconds, formatPercent, formatShare } from '../../render/numbers.ts';
import { IMPROVED } from '../../verdict/wording.ts';
import { unitsOf } from '../diff/culprit.ts';
import type { Culprit, Findings } from '../diff/culprit.ts';
import { costOf } from '../diff/profile-verdict.ts';
import type { CollectiveRow, Headline, KernelRow, StepEffect } from '../diff/profile-diff-schema.ts';
import { isGraphName } from '../kernels/graph-kernels.ts';
import { firstOf, perCall, percent, shortened } from './amounts.ts';
import { collectiveCause, waiting } from './collective-cause.ts';
import { idleCause, LEAST_CALLS, reportsCalls } from './idle-cause.ts';

/** Bucket or place that the verdict is about, as the words after the colour. */
const AREAS: Readonly<Record<Culprit['kind'], string>> = {
  kernel: '',
  collective: ' for communication',
  new: ' for new kernels',
  clock: ' for the clock',
  more_calls: '',
  copies: ' for copies',
  overlap: ' for communication',
  idle: ' for GPU idle time',
  headline: '',
  none: '',
};

export const firstLine = (found: Findings, culprit: Culprit): string => {
  const refusal = refusalOf(found);
  if (refusal !== null) return `${found.verdict}: ${refusal}`;
  const area = 'row' in culprit && culprit.kind !== 'collective' ? ` for ${areaOf(culprit.row)}` : AREAS[culprit.kind];
  const colour = `${found.verdict}${found.verdict === 'GREEN' ? gained(found, culprit) : area}`;
  const parts = [
    cause(found, culprit),
    reportsCalls(culprit, found) ? '' : workPart(found.totals.calls_pct, found.headline),
    headlinePart(found.headline, found.step, culprit),
  ];
  return `${colour}: ${parts.filter((part) => part !== '').join('; ')}.`;
};

/** A gain is named in the words of every comparison. */
const gained = (found: Findings, { kind }: Culprit): string =>
  kind === 'none' && found.kernels.some(({ improved }) => improved) && gain(found) !== null ? `, ${IMPROVED}` : '';

const areaOf = ({ name, bucket }: KernelRow): string => (isGraphName(name) ? 'CUDA graphs' : bucket);

const refusalOf = (found: Findings): string | null => {
  if (found.decision.status === 'INCOMPARABLE') return `${found.decision_text}.`;
  return found.same_capture ? 'both sides are the same capture, so nothing can differ.' : null;
};

const cause = (found: Findings, culprit: Culprit): string => {
  switch (culprit.kind) {
    case 'kernel':
      return kernelCause(culprit.row, culprit.rank, culprit.victims, found);
    case 'collective':
      return collectiveCause(culprit.row, culprit.detail);
    case 'new':
      return newCause(culprit, found.headline);
    case 'clock':
      return clockCause(culprit, found);
    case 'more_calls':
      return callsCause(culprit, found.headline);
    case 'copies':
      return copiesCause(culprit, found.headline);
    case 'overlap':
      return overlapCause(culprit, found.headline);
    case 'idle':
      return idleCause(culprit, found);
    case 'headline':
      return 'no single kernel, collective, copy or idle time explains the change';
    case 'none':
      return quietCause(found);
  }
};

type Of<Kind extends Culprit['kind']> = Extract<Culprit, { readonly kind: Kind }>;

const newCause = ({ rows, gone, ns }: Of<'new'>, { unit }: Headline): string => {
  const more = rows.length > 1 ? ` and ${rows.length - 1} more add` : ' adds';
  const per = unit === '' ? 'of GPU time' : `per ${unit}`;
  const [old] = gone;
  const instead =
    old === undefined
      ? ''
      : ` more than ${shortened(old.short_name)}${gone.length > 1 ? ` and ${gone.length - 1} more` : ''} did`;
  return `new kernel ${shortened(rows[0]?.short_name ?? '')}${more} ${formatNanoseconds(ns)} ${per}${instead}`;
};

const clockCause = ({ rank, several, factor, victims }: Of<'clock'>, found: Findings): string => {
  const some = several.length > 0 ? ` on ${several.length} of ${found.ranks.length} ranks` : onMostRanks(found);
  const where = rank === null ? `${some}: compute kernels take` : ` on ${rank}: its compute kernels take`;
  const change = `${percent(100 * (factor - 1))} longer all alike`;
  return `clock or power changed${where} ${change}${waiting(victims, rank === null ? 'them' : 'it')}`;
};

/** How many ranks the common factor holds for, where it does not hold for all. */
const onMostRanks = ({ clock, ranks }: Findings): string =>
  clock.ranks.length === 0 ? '' : ` on ${ranks.length - clock.ranks.length} of ${ranks.length} ranks`;

const callsCause = ({ row, calls, ns }: Of<'more_calls'>, { unit }: Headline): string =>
  `${shortened(row.short_name)} runs ${formatFixed(calls.after / calls.before, 1)} times as often per ${unit} ` +
  `(${amount(calls.before)} -> ${amount(calls.after)} calls), which adds ${formatNanoseconds(ns)}`;

const amount = (calls: number): string => (Number.isInteger(calls) ? `${calls}` : formatFixed(calls, 1));

const copiesCause = ({ copies, time }: Of<'copies'>, { unit }: Headline): string => {
  const [was, is] = [copies.baseline.gb_per_s, copies.candidate.gb_per_s];
  const rate =
    was === null || is === null ? '' : `, at ${formatFixed(is, 1)} GB/s instead of ${formatFixed(was, 1)} GB/s`;
  return (
    `${copies.kind} copies take ${formatNanoseconds(time.after - time.before)} longer per ${unit} ` +
    `(${formatNanoseconds(time.before)} -> ${formatNanoseconds(time.after)})${rate}`
  );
};

const overlapCause = ({ overlap }: Of<'overlap'>, { unit }: Headline): string => {
  const gone = overlap.after < 0.1 * overlap.before;
  return (
    `communication ${gone ? 'no longer overlaps with compute' : 'overlaps less with compute'} ` +
    `(${formatNanoseconds(overlap.before)} -> ${formatNanoseconds(overlap.after)} per ${unit})`
  );
};

const quietCause = (found: Findings): string => {
  const slow = found.adverse.find((entry) => entry.kind === 'bucket');
  if (slow !== undefined) return bucketCause(slow, found);
  if (found.clock.applied) {
    const way = found.clock.factor > 1 ? 'longer' : 'shorter';
    const where = onMostRanks(found);
    const which = where === '' ? 'all' : 'compute kernels';
    return `no kernel changed by itself; clock or power changed${where}: ${which} take ${percent(100 * (found.clock.factor - 1))} ${way}`;
  }
  const slower = found.kernels.filter((row) => row.change === 'slower');
  const [most] = [...slower].sort((a, b) => (b.stratified_pct ?? 0) - (a.stratified_pct ?? 0));
  if (most === undefined)
    return gain(found) ?? replacement(found) ?? 'no kernel takes longer per call beyond its threshold';
  const largest = `${shortened(most.short_name)} +${percent(most.stratified_pct)}`;
  return `${slower.length} kernel${slower.length === 1 ? ' takes' : 's take'} longer per call, none with 1% of GPU time (most: ${largest})`;
};

/** Share of the growth of a bucket that one kernel must have to be named for it. */
const MOST_OF_BUCKET = 0.8;

const bucketCause = ({ name, pct, effect_ns: total }: Findings['adverse'][number], { kernels }: Findings): string => {
  const [most] = kernels
    .filter((row) => row.bucket === name)
    .sort((a, b) => b.per_call_effect_ns - a.per_call_effect_ns);
  const together = `calls of ${name} kernels take ${percent(pct)} longer together`;
  if (most === undefined || most.per_call_effect_ns < MOST_OF_BUCKET * total) return together;
  const means = `(${perCall(most.baseline.mean_ns)} -> ${perCall(most.candidate.mean_ns)})`;
  return `${shortened(most.short_name)} takes ${percent(most.per_call_pct)} longer per call ${means}, most of what ${name} kernels lost`;
};

/** New kernels in the place of others that took more GPU time, at least one percent of it. */
const replacement = (found: Findings): string | null => {
  const { headline, totals } = found;
  const ofClass = (kind: KernelRow['class']): KernelRow[] =>
    found.kernels
      .filter((row) => row.class === kind)
      .sort((a, b) => Math.abs(b.delta_ns) - Math.abs(a.delta_ns) || a.name.localeCompare(b.name));
  const [added, gone] = [ofClass('new'), ofClass('removed')];
  const saved = -[...added, ...gone].reduce((sum, { delta_ns: ns }) => sum + ns, 0);
  if (gone.length === 0 || (headline.change_pct ?? 0) > 0 || saved < 0.01 * totals.baseline_ns) return null;
  const change = added.length === 0 ? `without ${firstOf(gone)}` : `new ${firstOf(added)} instead of ${firstOf(gone)}`;
  const per = headline.unit === '' ? '' : ` per ${headline.unit}`;
  return `${change}: ${formatNanoseconds(saved / unitsOf(found).after)} less GPU time${per}`;
};

/** The kernel that gained most, where nothing got worse. */
const gain = ({ kernels, headline }: Findings): string | null => {
  const faster = kernels.filter((row) => row.improved).sort((a, b) => costOf(a) - costOf(b));
  const [most] = faster;
  if (most === undefined || (headline.change_pct ?? 0) > 0) return null;
  const more = faster.length === 1 ? '' : ` (and ${faster.length - 1} other kernel${faster.length === 2 ? '' : 's'})`;
  return (
    `${shortened(most.short_name)} takes ${percent(most.stratified_pct)} less per call ` +
    `(${perCall(most.baseline.mean_ns)} -> ${perCall(most.candidate.mean_ns)})${more}, and no kernel takes longer`
  );
};

const kernelCause = (row: KernelRow, rank: string | null, victims: CollectiveRow | null, found: Findings): string => {
  const own = rank === null ? null : row.ranks.find((candidate) => candidate.rank === rank);
  const [before, after] = [own?.baseline ?? row.baseline, own?.candidate ?? row.candidate];
  const pct = own?.per_call_pct ?? row.stratified_pct;
  const others = found.kernels.filter((other) => other.adverse && other !== row && !other.collective).length;
  const more = others === 0 ? '' : ` (and ${others} other kernel${others === 1 ? '' : 's'} slower)`;
  const where = rank === null ? '' : ` on ${rank}`;
  const launch = row.launch?.changed ?? [];
  const changed = launch.length === 0 ? '' : `, its launch changed (${launch.join(', ')})`;
  const renamed = row.class === 'paired' ? `, renamed from ${shortened(row.baseline_name ?? '')}` : '';
  return (
    `${shortened(row.short_name)}${where} takes ${percent(pct)} longer per call ` +
    `(${perCall(before.mean_ns)} -> ${perCall(after.mean_ns)})${changed}${renamed}${more}${waiting(victims)}`
  );
};

/** Fewer calls in an equal window are less work done, never a gain. */
const workPart = (callsPct: number | null, headline: Headline): string => {
  if (callsPct === null || Math.abs(callsPct) < LEAST_CALLS) return '';
  const amount = `${formatShare(Math.abs(callsPct), 0)} ${callsPct < 0 ? 'fewer' : 'more'} kernel calls`;
  return headline.equal_window ? `${amount} were done in the same length of time` : `${amount} are in the capture`;
};

const headlinePart = (headline: Headline, step: StepEffect | null, culprit: Culprit): string => {
  const { change_pct: change, metric, baseline_ns: before, candidate_ns: after } = headline;
  if (change === null) return 'the captures share no unit of work';
  return `${metric} ${formatPercent(change)} (${perCall(before)} -> ${perCall(after)})${idlePart(step, culprit)}`;
};

/** Where most of a longer unit is idle time although something else is named. */
const idlePart = (step: StepEffect | null, { kind }: Culprit): string => {
  if (step === null || kind === 'idle' || kind === 'headline' || kind === 'none') return '';
  const idle = (step.exposed_launch_ns ?? 0) + step.residual_ns;
  return step.change_ns > 0 && idle > step.change_ns / 2 ? `, ${perCall(idle)} of it more GPU idle time` : '';
};
