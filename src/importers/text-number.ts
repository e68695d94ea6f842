// Numbers that a document holds as text: `"2500.5 tok/s"`, `"12ms"`, `"85 %"`. A text is a number only with a unit that is
// known, or alone; versions, dates and sizes with words are none. Never guesses a unit.
import { dimensionOf } from '../metrics/units.ts';

export interface TextNumber {
  readonly value: number;
  readonly unit: string | null;
}

const TEXT = /^\s*([-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*([\p{L}%°#].{0,23}?)?\s*$/u;
const LONGEST = 64;

/** True where a text could begin with a number. */
export const startsLikeNumber = (text: string): boolean => {
  const code = text.charCodeAt(0);
  return (
    text.length <= LONGEST && ((code >= 48 && code <= 57) || code === 43 || code === 45 || code === 46 || code === 32)
  );
};

/** The number in a text; undefined where it holds none, `unknown unit` where what follows it is no unit that is known. */
export const numberInText = (text: string): TextNumber | 'unknown unit' | undefined => {
  if (!startsLikeNumber(text)) return undefined;
  const [, digits = '', unit] = TEXT.exec(text) ?? [];
  const value = Number(digits.replaceAll(',', ''));
  if (!/\d/.test(digits) || !Number.isFinite(value)) return undefined;
  if (unit === undefined) return { value, unit: null };
  return dimensionOf(unit) === null ? 'unknown unit' : { value, unit };
};
