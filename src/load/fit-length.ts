// Finds how many words make a prompt of the wanted number of tokens, by asking the server to count a few. Never assumes a
// tokeniser: what could not be counted is reported as an estimate.

/** How prompt tokens were counted. */
export type CountMethod = 'tokenize' | 'usage' | 'estimate';

export interface LengthFit {
  /** Words to write. */
  readonly words: number;
  /** Tokens of a prompt that has no words: chat template, head and instruction. */
  readonly overheadTokens: number;
  /** Tokens of the last prompt that was counted, null when none was. */
  readonly countedTokens: number | null;
  readonly method: CountMethod;
}

/** Used when nothing counts: English words of the generator, and a chat template of usual size. */
const ESTIMATED_TOKENS_PER_WORD = 1.15;
const ESTIMATED_OVERHEAD = 30;

const estimated = (target: number): LengthFit => ({
  words: Math.max(1, Math.round((target - ESTIMATED_OVERHEAD) / ESTIMATED_TOKENS_PER_WORD)),
  overheadTokens: ESTIMATED_OVERHEAD,
  countedTokens: null,
  method: 'estimate',
});

/**
 * The straight line through two counted prompts, and one more count to correct it. `count` gives the tokens of a prompt of so
 * many words, or null when it cannot; `target` is in tokens.
 */
export const fitWords = async (
  target: number,
  method: CountMethod,
  count: (words: number) => Promise<number | null>,
): Promise<LengthFit> => {
  const [few, many] = [Math.max(1, Math.floor(target / 8)), Math.max(2, Math.floor(target * 0.75))];
  const low = await count(few);
  const high = few === many ? null : await count(many);
  if (low === null || high === null || high <= low) return estimated(target);
  const perWord = (high - low) / (many - few);
  const overhead = Math.max(0, low - few * perWord);
  const first = Math.max(1, Math.round((target - overhead) / perWord));
  const counted = await count(first);
  const correction = counted === null ? 0 : Math.round((target - counted) / perWord);
  const words = Math.max(1, first + correction);
  const countedTokens = correction === 0 ? counted : await count(words);
  return { words, overheadTokens: Math.round(overhead), countedTokens, method };
};
