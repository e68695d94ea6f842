// The order of the cells of a column that a reader sorts: numbers by size, whatever unit or mark follows them, then words. Used by
// the page's script, and without a page by tests.

/** A date, or the name of an entry that begins with one: in the order of words it is in the order of time. */
const DATE = /^(?:\d{4}-\d{2}-\d{2}|\d{8}T\d{6})/;

/** What a cell sorts by: its number where it begins with one, else its words. */
export const sortKey = (text: string): number | string => {
  const shown = text.trim();
  if (DATE.test(shown)) return shown;
  const number = /^[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d+)?/i.exec(shown)?.[0];
  return number === undefined ? shown : Number(number.replaceAll(',', ''));
};

const byWords = new Intl.Collator('en', { numeric: true });

/** Numbers before words and empty cells last, whichever way the column is sorted. */
export const compareKeys = (a: number | string, b: number | string, descending: boolean): number => {
  const rank = (key: number | string): number => (typeof key === 'number' ? 0 : key === '' ? 2 : 1);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : byWords.compare(String(a), String(b));
  return descending ? -order : order;
};
