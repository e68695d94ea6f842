// Reads the plain text of nvbandwidth: a section per test, with a matrix whose first line and column are device indexes. Format:
// nvbandwidth v0.5 to v0.8.
import { contextOf } from './context-fields.ts';
import { type BandwidthTest, bandwidthOutcome, cudaVersion } from './nvbandwidth-tests.ts';
import type { Context } from '../metrics/context.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { inputFault } from '../text/fault.ts';

/** One `Running <test>.` section: a description, a line of column indexes, a line per row, and the sum. */
const testOfSection = (section: string): BandwidthTest => {
  const [heading = '', ...lines] = section.split(/\r?\n/);
  const name = heading.trim().replace(/\.$/, '');
  const description = lines.find((line) => /\((GB\/s|ns)\)/.test(line)) ?? '';
  const indexes = lines.findIndex((line) => /^\s+\d+(\s+\d+)*\s*$/.test(line));
  const columns = (lines[indexes] ?? '').trim().split(/\s+/);
  const rows = lines.slice(indexes + 1).filter((line) => /^\s*\d+\s+(\d|N\/A)/.test(line));
  const cells = rows.flatMap((line) => {
    const [row = '', ...values] = line.trim().split(/\s+/);
    return values.map((value, index) => ({ pair: `${row}-${columns[index] ?? index}`, value }));
  });
  const sum = lines.map((line) => /^SUM \S+ ([\d.]+)/.exec(line)?.[1]).find((found) => found !== undefined);
  const status = indexes < 0 ? (/waived/i.test(section) ? 'Waived' : 'Error') : 'Passed';
  return { name, status, description, cells, sum: sum === undefined ? undefined : Number(sum) };
};

/** Hardware of the device list, when all devices are of one kind, and their number. */
const contextOfText = (text: string): Context => {
  const devices = [...text.matchAll(/^Device \d+: (.+?)(?: \([0-9a-fA-F:.]+\))?:?\s*$/gm)].map(([, name = '']) => name);
  return contextOf({
    hardware: new Set(devices).size === 1 ? devices[0] : undefined,
    n_gpus: devices.length > 0 ? devices.length : undefined,
    driver: /^Driver Version: (\S+)/m.exec(text)?.[1],
    cuda: cudaVersion(Number(/^CUDA Runtime Version: (\d+)/m.exec(text)?.[1] ?? Number.NaN) || undefined),
  });
};

const parseText = (text: string, path: string): ReadOutcome => {
  const sections = text.split(/^Running /m).slice(1);
  if (sections.length === 0)
    throw inputFault('no_rows', `${path} has no nvbandwidth test`, {
      path,
      fix: 'give the whole output; the log may have been cut off',
    });
  return bandwidthOutcome('nvbandwidth_text', path, sections.map(testOfSection), contextOfText(text));
};

/** Plain text output of `nvbandwidth`. */
export const nvbandwidthText: Reader = {
  format: 'nvbandwidth_text',
  sniff: (_path, head) => {
    if (/"nvbandwidth"\s*:/.test(head)) return 0;
    if (/^nvbandwidth Version:/m.test(head)) return 0.95;
    return /^Running \w+_(ce|sm)\.$/m.test(head) ? 0.9 : 0;
  },
  parse: parseText,
};
