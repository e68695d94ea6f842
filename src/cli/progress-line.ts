// One line on a terminal that shows how far the work is, from one second on: a bar, the share, what is being done, and the time
// it took so far. Silent where stderr is not a terminal.

const FIRST_AFTER_MS = 1000;
const EVERY_MS = 100;
const BAR_CELLS = 20;
/** Of a terminal that does not say how wide it is (0 or nothing). */
const DEFAULT_COLUMNS = 80;

/** `[=====>    ]  31% `; nothing where the end is not known. */
export const progressBar = (done: number, total: number): string => {
  if (!(total > 0)) return '';
  const share = Math.min(1, Math.max(0, done / total));
  const full = Math.floor(share * BAR_CELLS);
  const bar = `${'='.repeat(full)}${full < BAR_CELLS ? '>' : ''}`.padEnd(BAR_CELLS);
  return `[${bar}] ${String(Math.floor(100 * share)).padStart(3)}% `;
};

/** `update` draws the line, `clear` removes it. */
export const progressLine = (stream: NodeJS.WriteStream) => {
  const started = performance.now();
  let drawn = -Infinity;
  let shown = false;
  const update = (done: number, total: number, message: string): void => {
    const now = performance.now();
    if (!stream.isTTY || now - started < FIRST_AFTER_MS || now - drawn < EVERY_MS) return;
    drawn = now;
    shown = true;
    const seconds = Math.round((now - started) / 1000);
    const columns = stream.columns > 0 ? stream.columns : DEFAULT_COLUMNS;
    const drawing = `${progressBar(done, total)}${message} (${seconds} s)`;
    stream.write(`\r\u001b[2K${drawing.slice(0, columns - 1)}`);
  };
  const clear = (): void => {
    if (shown) stream.write('\r\u001b[2K');
    shown = false;
  };
  return { update, clear };
};
