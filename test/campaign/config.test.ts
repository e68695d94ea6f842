import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseCampaignConfig, readCampaignConfig, runBlocksOf } from '../../src/campaign/config.ts';

const CELL = `
  - cell_id: a
    model: org/model
    hardware: B200
    quant: NVFP4
    tensor_parallel: 8
    parallel_strategy: EP
    mtp: false
    max_num_batched_tokens: 4096
    concurrencies: [1, 8]
`;

const problemsOf = (text: string): Promise<unknown> =>
  parseCampaignConfig(text, 'c.yaml').then(
    () => [],
    (error: { code: string; details: { data?: { problems?: { at: string; says: string }[] } } }) =>
      error.details.data?.problems?.map(({ at, says }) => `${at} ${says}`) ?? error.code,
  );

describe('the YAML of a campaign', () => {
  test('a cell that nothing runs is one to import, and a campaign may have no cell', async () => {
    const config = await parseCampaignConfig(`cells:${CELL}`, 'c.yaml');
    expect(config.cells.map(runBlocksOf)).toEqual([[]]);
    await expect(parseCampaignConfig('cells: []', 'c.yaml')).resolves.toMatchObject({ cells: [] });
  });

  test.each([
    ['model', '    model: org/model\n', '2:5 cells[0].model is missing'],
    ['mtp', '    mtp: false\n', '2:5 cells[0].mtp is missing'],
    ['concurrencies', '    concurrencies: [1, 8]\n', '2:5 cells[0].concurrencies is missing'],
  ])('a cell without %s is named with its line', async (_name, without, says) => {
    expect(await problemsOf(`cells:${CELL.replace(without, '')}`)).toEqual([says]);
  });

  test('every problem is named at once, with the nearest known key', async () => {
    const text = `focuss: latency\ncells:${CELL.replace('EP', 'tp1').replace('tensor_parallel: 8', 'tensor_paralel: 8')}`;
    expect(await problemsOf(text)).toEqual([
      '3:5 cells[0].tensor_parallel is missing',
      expect.stringMatching(/^8:24 cells\[0\]\.parallel_strategy: .*"EP"\|"TP"/),
      '7:21 cells[0].tensor_paralel is no known key (did you mean tensor_parallel?)',
      '1:9 focuss is no known key (did you mean focus?)',
    ]);
  });

  test('at most twenty problems are named, and the number of the others', async () => {
    const text = `cells:\n${Array.from({ length: 30 }, (_, index) => `  - { cell_id: c${index} }`).join('\n')}`;
    await expect(parseCampaignConfig(text, 'c.yaml')).rejects.toThrow(/and 220 more$/);
  });

  test('two cells of one name would write over each other', async () => {
    expect(
      await problemsOf(`cells:${CELL}${CELL.replace('cell_id: a', 'cell_id: A').trimStart().replace(/^/, '  ')}`),
    ).toEqual(['11:14 cells[1].cell_id A is given twice']);
  });

  test('a name that leaves the folder is refused', async () => {
    expect(await problemsOf(`cells:${CELL.replace('cell_id: a', 'cell_id: ../a')}`)).toEqual([
      expect.stringContaining('2:14 cells[0].cell_id: is no safe name'),
    ]);
  });

  test.each([
    ['a tab in the indentation', `cells:${CELL.replace('    model', '\tmodel')}`, 'yaml_syntax'],
    ['a key given twice', `cells:${CELL}    quant: FP8\n`, 'yaml_syntax'],
    ['two documents', 'cells: []\n---\ncells: []\n', 'yaml_syntax'],
    ['a tag of another language', 'cells: []\nname: !!js/function "x"\n', 'yaml_syntax'],
    ['an integer that a double cannot hold', `cells:${CELL.replace('parallel: 8', 'parallel: 90071992547409931')}`, 'number_inexact'],
    ['an alias bomb', `${'abcdefghi'.replace(/./g, (letter) => `${letter}: &${letter} [${letter === 'a' ? 'x' : `*${String.fromCharCode(letter.charCodeAt(0) - 1)}`.concat(',').repeat(9)}]\n`)}cells: [*i]\n`, 'yaml_aliases'],
    ['no text', '', ['1:1 holds null, no keys such as cells']],
    ['a list', '- a\n', ['1:1 holds an array of 1, no keys such as cells']],
    ['a number that is none', `cells:${CELL.replace('parallel: 8', 'parallel: .nan')}`, [expect.stringMatching(/^6:22 cells\[0\]\.tensor_parallel: /)]],
    ['a number without end', `cells:${CELL.replace('utilization', 'x').replace('parallel: 8', 'parallel: .inf')}`, [expect.stringMatching(/^6:22 /)]],
    ['a key that no object may have', 'cells: []\n__proto__: {a: 1}\n', ['2:12 __proto__ is no known key']],
    ['a load of zero', `cells:${CELL.replace('[1, 8]', '[0]')}`, [expect.stringMatching(/^10:21 cells\[0\]\.concurrencies\[0\]: /)]],
    ['a load given twice', `cells:${CELL.replace('[1, 8]', '[1, 8, 1]')}`, ['10:27 cells[0].concurrencies[2] 1 is given twice']],
    ['a number of GPUs that the sizes refute', `cells:${CELL}    n_gpus: 4\n`, ['11:13 cells[0].n_gpus is 4, but tp x pp x dp is 8']],
    ['no load', `cells:${CELL.replace('[1, 8]', '[]')}`, [expect.stringMatching(/^10:20 cells\[0\]\.concurrencies: /)]],
  ])('%s is refused with its place', async (_name, text, expected) => {
    expect(await problemsOf(text)).toEqual(expected);
  }); // prettier-ignore

  test('lines of Windows and a byte order mark are read', async () => {
    const text = `\ufeffcells:${CELL}`.replaceAll('\n', '\r\n');
    await expect(parseCampaignConfig(text, 'c.yaml')).resolves.toMatchObject({ cells: [{ cell_id: 'a' }] });
  });

  test('bytes that are no UTF-8 are named with their place, since a frozen copy would not be the file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'));
    const path = join(folder, 'latin1.yaml');
    writeFileSync(path, Buffer.from('cells: []\nname: Caf\xe9\n', 'latin1'));
    await expect(readCampaignConfig(path)).rejects.toMatchObject({ code: 'campaign_config_invalid', details: { at: '2:10' } });
    rmSync(folder, { recursive: true });
  }); // prettier-ignore

  test.each(readdirSync('configs/campaigns'))('the shipped %s passes', async (name) => {
    const { config } = await readCampaignConfig(join('configs/campaigns', name));
    expect(config.cells.length).toBeGreaterThan(1);
  });
});
