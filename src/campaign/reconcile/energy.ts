// Power times time is energy: joules per output token times the rate is what all GPUs draw, and no GPU draws more than its board may.
import { nameOf } from '../../metrics/catalogue.ts';
import { likelyCause } from './causes.ts';
import { hardwareOf, type Evidence } from './evidence.ts';
import { positive, rounding, spread, type RowFacts } from './row-facts.ts';
import type { Finding } from './violation.ts';

/** Share for a meter that reads at other moments than the window has. */
const METER = 0.25;
const IMPOSSIBLE = 1.6;
/** Share above the limit of a board that a mean over a window may have: the limit is regulated, and meters err. */
const ABOVE_LIMIT = 0.05;

const METRICS = [nameOf('joulesPerToken'), nameOf('throughput')];

const finding = (facts: RowFacts, part: Pick<Finding, 'expected' | 'seen' | 'unit' | 'of'>): Finding[] => {
  const factor = part.seen / part.expected;
  const apart = Math.max(factor, 1 / factor);
  if (apart <= 1 + METER) return [];
  const tolerance = 1 + METER + spread(facts.row, ...METRICS) + rounding(part.seen);
  if (apart <= tolerance) return [];
  const severity = apart > tolerance * IMPOSSIBLE ? 'impossible' : 'odd';
  return [{ balance: 'energy', severity, ...part, cause: likelyCause('energy', factor, facts) }];
};

const perToken = (facts: RowFacts): Finding[] => {
  const { row, gpus, outputPerS } = facts;
  const [joules, watts] = [positive(row.joules_per_token), positive(row.power_watts_per_gpu)];
  if (joules === null || watts === null || outputPerS === null) return [];
  return finding(facts, { expected: (watts * gpus) / outputPerS, seen: joules, unit: 'J/tok', of: 'joules per output token against watts x GPUs over output tok/s' });
}; // prettier-ignore

/** Of the one run of a row: `trials` hold what rows have no field for. */
const ofWindow = (facts: RowFacts): Finding[] => {
  const { row } = facts;
  const values = row.trials.length === 1 ? row.trials[0]?.values : undefined;
  const [joules, watts, seconds] = [values?.['energy_joules_total'], values?.['power_mean_w'], row.duration_s];
  if (joules === undefined || watts === undefined || seconds === null) return [];
  if (!(joules > 0 && watts > 0 && seconds > 0)) return [];
  return finding(facts, { expected: watts * seconds, seen: joules, unit: 'J', of: 'energy of the window against mean power x duration' });
}; // prettier-ignore

/** Of the counters beside the rows of the cell, over their own window. */
const ofCounters = (facts: RowFacts, evidence: Evidence): Finding[] => {
  const { joules = null, wattsPerGpu = null, seconds = null, gpus = null } = evidence.counters?.get(facts.row.cell_id) ?? {};
  if (joules === null || wattsPerGpu === null || seconds === null) return [];
  return finding(facts, { expected: wattsPerGpu * (gpus ?? facts.gpus) * seconds, seen: joules, unit: 'J', of: "energy of the cell's counters against their power x time" });
}; // prettier-ignore

const aboveBoard = (facts: RowFacts, evidence: Evidence): Finding[] => {
  const { row, gpus } = facts;
  const seen = positive(row.power_watts_per_gpu);
  const expected = hardwareOf(evidence, row.hardware)?.boardPower ?? null;
  if (seen === null || expected === null || seen <= expected * (1 + ABOVE_LIMIT)) return [];
  const whole = gpus > 1 && seen / gpus <= expected && seen / gpus > expected / 20;
  const severity = seen > expected * IMPOSSIBLE ? 'impossible' : 'odd';
  return [{ balance: 'energy', severity, expected, seen, unit: 'W', cause: whole && severity === 'impossible' ? 'one_gpu_for_all' : 'wrong_gpu_label', of: `watts of one GPU against the limit of a ${row.hardware}` }];
}; // prettier-ignore

export const energy = (facts: RowFacts, evidence: Evidence): Finding[] => [
  ...perToken(facts),
  ...ofWindow(facts),
  ...ofCounters(facts, evidence),
  ...aboveBoard(facts, evidence),
];
