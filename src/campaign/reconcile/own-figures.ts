// What a row says of itself: figures that its reader found to contradict each other, and times of zero, which nobody measures.
import type { AtlasRow } from '../row.ts';
import type { RowFacts } from './row-facts.ts';
import type { Finding } from './violation.ts';

const of = (figure: string, seen: number, expected: number, unit: string, cause: Finding['cause']): Finding => ({
  balance: 'own_figures',
  severity: 'impossible',
  expected,
  seen,
  unit,
  cause,
  of: figure,
});

/** Most rows: not made anew for each. */
const NONE: Finding[] = [];

/** `a is 1, but b is 2`, as readers write it. */
const STATED = / is (-?[\d.eE+-]+), but .* is (-?[\d.eE+-]+)$/;

const contradictions = ({ extra: { contradictions: texts } }: AtlasRow): Finding[] => {
  if (!Array.isArray(texts) || typeof texts[0] !== 'string') return NONE;
  const [first] = texts;
  const [, stated = '0', implied = '0'] = STATED.exec(first) ?? [];
  const more = texts.length > 1 ? ` (and ${texts.length - 1} more)` : '';
  return [of(`${first}${more}`, Number(stated), Number(implied), '', 'contradiction')];
};

const REQUEST_TIMES = ['ttft_avg_ms', 'e2e_mean_ms'] as const;
/** Of a row whose requests have output after the first token. */
const ALL_TIMES = [...REQUEST_TIMES, 'tpot_median_ms', 'tpot_mean_ms', 'itl_avg_ms'] as const;

/** Prompts of one token of output have no time per token, and tools write 0 for it. */
const hasDecode = ({ mean_output_tokens: osl, extra }: AtlasRow): boolean =>
  extra['phase'] !== 'prefill' && (osl === null || osl > 1);

const zeroTimes = (row: AtlasRow): Finding[] => {
  for (const name of hasDecode(row) ? ALL_TIMES : REQUEST_TIMES)
    if (row[name] === 0) return [of(`${name} is zero`, 0, 0, 'ms', 'not_measured')];
  return NONE;
};

const TAILS = [
  ['ttft', 'ttft_p50_ms', 'ttft_p99_ms'],
  ['tpot', 'tpot_p50_ms', 'tpot_p99_ms'],
  ['itl', 'itl_p50_ms', 'itl_p99_ms'],
  ['e2e', 'e2e_p50_ms', 'e2e_p99_ms'],
] as const;

/** Share by which a tail may lie below its median through rounding. */
const ROUNDED = 0.02;

/** A tail below its median. */
const tails = (row: AtlasRow): Finding[] => {
  for (const [kind, middle, end] of TAILS) {
    const [median, tail] = [row[middle], row[end]];
    if (median !== null && tail !== null && tail > 0 && tail < median * (1 - ROUNDED))
      return [of(`${kind} p99 against its median`, tail, median, 'ms', 'contradiction')];
  }
  return NONE;
};

export const ownFigures = ({ row }: RowFacts): Finding[] => {
  const stated = contradictions(row);
  const contradicted = stated.length > 0 ? stated : tails(row);
  const zero = zeroTimes(row);
  return zero.length === 0 ? contradicted : [...contradicted, ...zero];
};
