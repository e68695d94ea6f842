// A list of numbers as one text: `1,2,4`, or `1 2 4` where all are plain numbers, since a blank also stands between a number and its unit.

const PLAIN = /^[\d.,\s]+$/;

/** The parts of the text, without empty ones; what they are is checked later. */
export const numberParts = (text: string): string[] =>
  text.split(PLAIN.test(text) ? /[\s,]+/ : ',').filter((part) => part.trim() !== '');
