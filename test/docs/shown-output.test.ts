// What README shows of a run is what the built program prints: the same lines and words, whatever the numbers, times and folders.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { blocksOf } from './pages.ts';
import { makeSandbox, type Sandbox } from './sandbox.ts';

/** A text without what differs from run to run. */
const shapeOf = (text: string): string =>
  text
    .trimEnd()
    .replaceAll(/(?:\/[^\s']*|…)\/(experiments|campaigns)\//g, '<root>/$1/')
    .replaceAll(/\d{8}T\d+Z/g, '<time>')
    .replaceAll(/[+-]?\d[\d,]*(?:\.\d+)?/g, '#');

/** One call of the main program, shown whole. */
const MAIN_RUN = /^profile-and-optimize \w+[^\n]*$/;

const blocks = blocksOf('README.md');
const shown = blocks.flatMap((block, index) => {
  const command = blocks[index - 1];
  const isRun = block.language === 'text' && command?.language === 'sh' && MAIN_RUN.test(command.text);
  return isRun ? [[command.text, block.text] as const] : [];
});

it('README shows a record, a comparison and a profile diff', () => {
  expect(shown.map(([command]) => /^profile-and-optimize (\w+)/.exec(command)?.[1])).toEqual([
    'perf_baseline_record',
    'perf_baseline_diff',
    'profile_profile_diff',
  ]);
});

describe('as README shows it', () => {
  let sandbox: Sandbox;
  let root = '';
  beforeAll(async () => {
    sandbox = await makeSandbox();
    root = join(sandbox.folder, 'fresh');
    mkdirSync(join(root, 'experiments'), { recursive: true });
  });

  it.each(shown)('%s', async (command, text) => {
    const { code, output } = await sandbox.run(command, { PROFILE_AND_OPTIMIZE_REPO_ROOT: root });
    expect(code, output).toBe(0);
    expect(shapeOf(output)).toBe(shapeOf(text));
  });

  it('a campaign of four calls, of each of which it shows the lines that matter', async () => {
    const at = blocks.findIndex(({ text }) => text.startsWith('perftunereport campaign_init'));
    const { output } = await sandbox.run(blocks[at]?.text ?? '', { PROFILE_AND_OPTIMIZE_REPO_ROOT: root });
    const printed = output.split('\n').map(shapeOf);
    const lines = (blocks[at + 1]?.text ?? '').split('\n').filter((line) => line !== '');
    expect(lines.length).toBeGreaterThan(6);
    expect(lines.filter((line) => !printed.includes(shapeOf(line)))).toEqual([]);
  });
});
