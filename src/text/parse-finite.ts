// A number that somebody typed or a tool printed. Never takes half a number, nor a word for one.
import { inputFault } from './fault.ts';
import { isRoundedInteger } from './json.ts';

/** A finite decimal number from text, or a Fault `not_a_number` or `number_inexact` that names `what`. No underscores, no `inf`. */
export const parseFinite = (text: string, what: string): number => {
  const trimmed = text.trim();
  const value = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed) ? Number(trimmed) : Number.NaN;
  if (isRoundedInteger(trimmed))
    throw inputFault('number_inexact', `${what} is ${trimmed}, an integer that a double cannot hold`, {
      fix: 'give it in a larger unit',
    });
  if (Number.isFinite(value)) return value;
  throw inputFault('not_a_number', `${what} is ${JSON.stringify(text)}, not a finite number`, {
    fix: 'give a plain decimal number',
  });
};
