// Brings the lines of an answer below a size by leaving out lines, never by cutting one that the reader acts on.

const ACTED_ON = /^\s*(fix|advice|next lever): /;

const bytesOf = (text: string): number => Buffer.byteLength(text);

/** Cuts a single line that alone takes more than `room` bytes. */
export const cutLine = (line: string, room: number): string => {
  if (bytesOf(line) <= room) return line;
  const whole = Buffer.from(line)
    .subarray(0, Math.max(0, Math.floor(room) - 3))
    .toString('utf8');
  return `${whole.replace(/\uFFFD$/, '')}…`;
};

const leftOutLine = (count: number, where: string): string =>
  `… ${count} more ${count === 1 ? 'row' : 'rows'}${where === '' ? '' : `: ${where}`}`;

/** Lines that a left-out line stands for: itself, or as many as it says were left out before. */
const standsFor = (line: string): number => Number(/^… ([\d,]+) more /.exec(line)?.[1]?.replaceAll(',', '') ?? 1);

const sizeOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + bytesOf(line) + 1, 0);

/**
 * `text` followed by the lines of `last` in at most `limit` bytes. The lines of `last` (calls that work as printed) stay whole, the
 * first line and those that say what to do (`fix:`, `advice:`, `next lever:`) stay, of the others as many as fit from the top; how
 * many were left out is said in their place. `where` says where they are to be found.
 */
export const fitLines = (text: string, limit: number, where = '', last: readonly string[] = []): string => {
  const whole = [text.trimEnd(), ...last].join('\n');
  if (bytesOf(whole) <= limit) return whole;
  const [first = '', ...rest] = text.trimEnd().split('\n');
  const room = limit - sizeOf(last);
  const kept = rest.filter((line) => ACTED_ON.test(line)).map((line) => cutLine(line, room / 3));
  const body = rest.filter((line) => !ACTED_ON.test(line));
  const fixed = sizeOf([...kept, leftOutLine(body.length, where)]);
  const head = cutLine(first, room - fixed);
  let free = room - fixed - bytesOf(head);
  const fits = (line: string): boolean => (free -= bytesOf(line) + 1) >= 0;
  const beyond = body.findIndex((line) => !fits(line));
  const shown = beyond < 0 ? body : body.slice(0, beyond);
  const leftOut = body.slice(shown.length).reduce((sum, line) => sum + standsFor(line), 0);
  return [head, ...shown, ...(leftOut === 0 ? [] : [leftOutLine(leftOut, where)]), ...kept, ...last].join('\n');
};
