// What the words of a name are of (a time, a rate, harm, a share) and which way is better, where words such as `drop`, `free` or
// `error` turn or open it.
import { MONEY, NEGATIONS, QUANTITIES, type Quantity, TURNS, type Turn } from './name-words.ts';

const FREE = new Set(['free', 'available', 'saved', 'unused', 'headroom']);

export interface Found {
  readonly quantity: Quantity;
  readonly sign: 1 | -1 | 0;
  readonly turned: boolean;
}

const turnedBy = (turn: Turn, { quantity, sign }: Found): Found => {
  const turned = { less: sign === 0 ? 0 : sign > 0 ? -1 : 1, harm: -1, gain: 1, open: 0 } as const;
  return { quantity, sign: turned[turn], turned: true };
};

const ALONE: Readonly<Record<Turn, Found | undefined>> = {
  less: { quantity: { kind: 'fault', better: -1 }, sign: -1, turned: false },
  harm: { quantity: { kind: 'fault', better: -1 }, sign: -1, turned: false },
  gain: { quantity: { kind: 'share', better: 1 }, sign: 1, turned: false },
  open: undefined,
};

/** The quantity that follows another one: the last noun is the head, except where it only says how much of the first. */
const followedBy = (found: Found | undefined, quantity: Quantity, before: string, isNegated: boolean): Found => {
  if (quantity.kind === 'memory' && FREE.has(before)) return { quantity, sign: 1, turned: true };
  if (isNegated) return { quantity, sign: quantity.better > 0 ? -1 : quantity.better < 0 ? 1 : 0, turned: true };
  if (quantity.kind !== 'physical' || found === undefined) return { quantity, sign: quantity.better, turned: false };
  if (found.quantity.kind === 'rate') return { quantity: { kind: 'share', better: 1 }, sign: found.sign, turned: true };
  return { quantity, sign: 0, turned: false };
};

const OPPOSED = new Set(['ratio', 'vs', 'versus', 'over']);

/** What a name is of and which way is better; undefined where no word says. */
export const quantityIn = (words: readonly string[]): Found | undefined => {
  let found: Found | undefined;
  let isNegated = false;
  const signs = new Set<number>();
  words.forEach((word, at) => {
    const [turn, quantity] = [TURNS.get(word), QUANTITIES.get(word)];
    if (word === 'acceptlength')
      found = { quantity: { kind: 'share', better: 1, unit: 'tokens' }, sign: 1, turned: false };
    else if (turn !== undefined && found !== undefined) found = turnedBy(turn, found);
    else if (found !== undefined && MONEY.has(word)) return;
    else if (quantity?.kind === 'physical' && word.startsWith('usage') && found?.quantity.kind === 'memory') return;
    else if (quantity !== undefined) found = followedBy(found, quantity, words[at - 1] ?? '', isNegated);
    else if (turn !== undefined) found = ALONE[turn];
    if (quantity !== undefined && (quantity.kind === 'time' || quantity.kind === 'rate')) signs.add(quantity.better);
    isNegated = NEGATIONS.has(word) || (isNegated && quantity === undefined);
  });
  if (found !== undefined && signs.size > 1 && words.some((word) => OPPOSED.has(word)))
    return { quantity: found.quantity, sign: 0, turned: false };
  return found;
};
