// Brings a text of lines below a length by leaving out lines, never by cutting one that the reader acts on.

const ACTED_ON = /^\s*(next|fix): /;

/** Cuts a single line that alone is too long. */
const cutLine = (line: string, room: number): string =>
  line.length <= room ? line : `${line.slice(0, Math.max(0, room - 1))}…`;

const leftOutLine = (count: number, where: string): string =>
  `… ${count} more ${count === 1 ? 'line' : 'lines'}${where}`;

/**
 * `text` in at most `limit` characters: the first line and the lines that say what to do next (`next:`, `fix:`) stay, of the
 * others as many as fit from the top; how many were left out is said in their place. `where` says where they are to be found.
 */
export const fitLines = (text: string, limit: number, where = ''): string => {
  if (text.length <= limit) return text;
  const lines = text.trimEnd().split('\n');
  const [first = '', ...rest] = lines;
  const kept = rest.filter((line) => ACTED_ON.test(line));
  const body = rest.filter((line) => !ACTED_ON.test(line));
  const tail = kept.map((line) => cutLine(line, limit / 2)).join('\n');
  const fixed = tail.length + (tail === '' ? 0 : 1) + leftOutLine(body.length, where).length + 1;
  const head = cutLine(first, limit - fixed);
  let room = limit - fixed - head.length;
  let shown = 0;
  for (const line of body) {
    if (line.length + 1 > room) break;
    room -= line.length + 1;
    shown += 1;
  }
  const leftOut = body.length - shown;
  return [
    head,
    ...body.slice(0, shown),
    ...(leftOut === 0 ? [] : [leftOutLine(leftOut, where)]),
    ...(tail === '' ? [] : [tail]),
  ].join('\n');
};
