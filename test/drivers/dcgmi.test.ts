import { describe, expect, test } from 'vitest';
import {
  createDmonReader,
  dcgmAmount,
  dmonArgv,
  parseDiscovery,
  refusesProfiling,
  watchRefusal,
} from '../../src/drivers/dcgmi.ts';

const rowsOf = (text: string) => {
  const read = createDmonReader();
  return text.split('\n').flatMap((line) => read(line) ?? []);
};

describe('the table of dmon', () => {
  test.each([
    ['DCGM 2', '# Entity  GRACT  TMPTR\n      Id            C\n    GPU 0     0.512  61'],
    ['DCGM 3', '#Entity   GRACT                       TMPTR                       \nID                                    C\nGPU 0     0.512                       61                          '],
    ['DCGM 4', '#Entity         GRACT       TMPTR\nID                          C\nGPU 0           0.512       61'],
  ])('is read in the form of %s', (_version, text) => {
    expect(rowsOf(text)).toEqual([{ entity: 'GPU', id: 0, values: { GRACT: 0.512, TMPTR: 61 } }]);
  });

  test('knows instances of a split GPU, and what is not known is null', () => {
    expect(rowsOf('#Entity   SMACT  POWER\nID\nGPU-I 21  N/A    412.5\nGPU-CI 5  0.000  N/A')).toEqual([
      { entity: 'GPU-I', id: 21, values: { SMACT: null, POWER: 412.5 } },
      { entity: 'GPU-CI', id: 5, values: { SMACT: 0, POWER: null } },
    ]);
  });

  test('columns follow the header that stands last, and what is no row of them is passed over', () => {
    const text = '#Entity   SMACT\nID\nGPU 0     0.1\n#Entity   POWER\nGPU 0     300\nGPU 1     1 2\ndmon was stopped due to receiving a signal\n';
    expect(rowsOf(text).map(({ values }) => values)).toEqual([{ SMACT: 0.1 }, { POWER: 300 }]);
  });

  test.each([
    ['9223372036854775794', null],
    ['2147483634', null],
    ['140737488355328', null],
    ['140737488355330.000000', null],
    ['', null],
    ['19694075554', 19694075554],
    ['0.000', 0],
  ])('%s is %s', (written, value) => {
    expect(dcgmAmount(written)).toBe(value);
  });
}); // prettier-ignore

describe('a refusal', () => {
  test.each([
    ['with its code', '#Entity   SMACT\nID\nError setting watches. Result: -6: Feature not supported\n', { code: -6, says: 'Feature not supported' }],
    ['of an old version', 'Error setting watches. Result: The third-party Profiling module returned an unrecoverable error\n', { code: null, says: 'The third-party Profiling module returned an unrecoverable error' }],
    ['that is none', '#Entity   SMACT\nID\nGPU 0  0.5\n', null],
  ])('%s', (_what, output, refusal) => {
    expect(watchRefusal(output)).toEqual(refusal);
  });

  test.each([
    [{ code: -33, says: 'This request is serviced by a module' }, true],
    [{ code: null, says: 'The third-party Profiling module returned an unrecoverable error' }, true],
    [{ code: -6, says: 'Feature not supported' }, false],
  ])('%j concerns all profiling fields: %s', (refusal, all) => {
    expect(refusesProfiling(refusal)).toBe(all);
  });
}); // prettier-ignore

test('the arguments name fields by their ids', () => {
  expect(dmonArgv({ fields: [1002, 155], gpus: [0, 3], periodMs: 1000, count: 60 }).join(' ')).toBe('dcgmi dmon -e 1002,155 -i 0,3 -d 1000 -c 60');
  expect(dmonArgv({ fields: [155], periodMs: 100 }).join(' ')).toBe('dcgmi dmon -e 155 -d 100');
}); // prettier-ignore

test('the list of GPUs has their names and UUIDs', () => {
  const text = '2 GPUs found.\n+--------+---+\n| GPU ID | Device Information |\n| 0      | Name: NVIDIA H800                 |\n|        | PCI Bus ID: 00000000:18:00.0      |\n|        | Device UUID: GPU-34bf             |\n| 1      | Name: NVIDIA H800                 |\n|        | Device UUID: GPU-f504             |\n0 NvSwitches found.\n';
  expect(parseDiscovery(text)).toEqual([
    { index: 0, name: 'NVIDIA H800', uuid: 'GPU-34bf' },
    { index: 1, name: 'NVIDIA H800', uuid: 'GPU-f504' },
  ]);
}); // prettier-ignore
