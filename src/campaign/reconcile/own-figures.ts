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

/** `a is 1, but b is 2`, as readers write it. */
const STATED = / is (-?[\d.eE+-]+), but .* is (-?[\d.eE+-]+)$/;

const contradictions = ({ extra: { contradictions: texts } }: AtlasRow): Finding[] => {
  if (!Array.isArray(texts) || typeof texts[0] !== 'string') return [];
  const [first] = texts;
  const [, stated = '0', implied = '0'] = STATED.exec(first) ?? [];
  const more = texts.length > 1 ? ` (and ${texts.length - 1} more)` : '';
  return [of(`${first}${more}`, Number(stated), Number(implied), '', 'contradiction')];
};

/** Times of a row whose requests have output after the first token. */
const DECODE_TIMES = ['tpot_median_ms', 'tpot_mean_ms', 'itl_avg_ms'] as const;
const REQUEST_TIMES = ['ttft_avg_ms', 'e2e_mean_ms'] as const;

/** Prompts of one token of output have no time per token, and tools write 0 for it. */
const hasDecode = ({ mean_output_tokens: osl, extra }: AtlasRow): boolean =>
  extra['phase'] !== 'prefill' && (osl === null || osl > 1);

const zeroTimes = (row: AtlasRow): Finding[] => {
  const names = [...REQUEST_TIMES, ...(hasDecode(row) ? DECODE_TIMES : [])];
  const zero = names.find((name) => row[name] === 0);
  return zero === undefined ? [] : [of(`${zero} is zero`, 0, 0, 'ms', 'not_measured')];
};

/** A tail below its median. */
const tails = (row: AtlasRow): Finding[] => {
  for (const kind of ['ttft', 'tpot', 'itl', 'e2e'] as const) {
    const [median, tail] = [row[`${kind}_p50_ms`], row[`${kind}_p99_ms`]];
    if (median !== null && tail !== null && tail > 0 && tail < median * 0.98)
      return [of(`${kind} p99 against its median`, tail, median, 'ms', 'contradiction')];
  }
  return [];
};

export const ownFigures = ({ row }: RowFacts): Finding[] => {
  const stated = contradictions(row);
  return [...(stated.length > 0 ? stated : tails(row)), ...zeroTimes(row)];
};
