// The few pieces of markdown that the simulations print.

export const percent = (share: number, digits = 1): string => (100 * share).toFixed(digits);

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');

export const titled = (title: string, body: string): string => `### ${title}\n\n${body}\n`;
