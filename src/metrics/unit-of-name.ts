// The unit that a metric's own name states by its ending: `ttft_p50_ms`, `throughput_tok_per_s`, `busbw_gb_per_s`. A name
// that states none has none.
const RATE_ENDINGS = new Map([
  ['tok', 'tok/s'],
  ['toks', 'tok/s'],
  ['tokens', 'tok/s'],
  ['req', 'req/s'],
  ['requests', 'req/s'],
  ['b', 'B/s'],
  ['kb', 'KB/s'],
  ['mb', 'MB/s'],
  ['gb', 'GB/s'],
  ['tb', 'TB/s'],
]);

const ENDINGS = new Map([
  ['ns', 'ns'],
  ['us', 'us'],
  ['ms', 'ms'],
  ['s', 's'],
  ['sec', 's'],
  ['seconds', 's'],
  ['w', 'W'],
  ['watts', 'W'],
  ['j', 'J'],
  ['joules', 'J'],
  ['pct', '%'],
  ['percent', '%'],
  ['bytes', 'B'],
  ['gb', 'GB'],
  ['mb', 'MB'],
  ['mhz', 'MHz'],
  ['gflops', 'GFLOPS'],
  ['tflops', 'TFLOPS'],
  ['tokens', 'tokens'],
  ['ratio', 'ratio'],
]);

const PER_SECOND = '_per_s';

/** The last word of what lies before `end`. */
const wordBefore = (name: string, end: number): string => name.slice(name.lastIndexOf('_', end - 1) + 1, end);

/** Longest word that is remembered: V8 keeps a longer piece of a text as a view that holds the whole text. */
const LONGEST_WORD = 11;

/** What the names asked for last end in, each with its unit: neighbours in a document mostly share it. */
let recentRate = { ending: '_tok_per_s', unit: RATE_ENDINGS.get('tok') ?? null };
let recentWord = { ending: '_ms', unit: ENDINGS.get('ms') ?? null };

/** The unit named by the end of a snake_case name, or null. */
export const unitOfName = (name: string): string | null => {
  if (name.endsWith(PER_SECOND)) {
    if (name.endsWith(recentRate.ending)) return recentRate.unit;
    const word = wordBefore(name, name.length - PER_SECOND.length);
    if (word.length > LONGEST_WORD) return null;
    recentRate = { ending: `_${word}${PER_SECOND}`, unit: RATE_ENDINGS.get(word) ?? null };
    return recentRate.unit;
  }
  if (name.endsWith(recentWord.ending)) return recentWord.unit;
  const cut = name.lastIndexOf('_');
  if (cut < 0 || name.length - cut > LONGEST_WORD + 1) return null;
  recentWord = { ending: name.slice(cut), unit: ENDINGS.get(name.slice(cut + 1)) ?? null };
  return recentWord.unit;
};
