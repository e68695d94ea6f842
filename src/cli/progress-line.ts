// One line on a terminal that says how far the work is, from one second on. Silent where stderr is not a terminal.

const FIRST_AFTER_MS = 1000;
const EVERY_MS = 100;

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
    const share = total > 0 ? ` ${Math.floor((100 * done) / total)}%` : '';
    const seconds = Math.round((now - started) / 1000);
    stream.write(`\r\u001b[2K${message}${share} (${seconds} s)`.slice(0, (stream.columns ?? 80) + 4));
  };
  const clear = (): void => {
    if (shown) stream.write('\r\u001b[2K');
    shown = false;
  };
  return { update, clear };
};
