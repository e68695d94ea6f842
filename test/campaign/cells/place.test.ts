// Where a cell runs follows from the call, the cell's block and its run_on, in that order.
import { expect, test } from 'vitest';
import { placeOf } from '../../../src/campaign/cells/place.ts';
import type { CellConfig } from '../../../src/campaign/config.ts';
import { CELL } from '../bundles.ts';

const cell = (more: object): CellConfig => ({ ...CELL, ...more }) as never;
const POD = { namespace: 'bench', bench_pod: 'p', kube_context: 'c' };
const JOBS = { run_on: { kubernetes: { namespace: 'bench', image: 'i' } } };

test.each([
  ['nothing', {}, {}, {}, { on: 'here' }],
  ['slurm', { run_on: { slurm: { partition: 'gpu' } } }, {}, {}, { on: 'slurm', needs: { partition: 'gpu' } }],
  ['the call', {}, {}, POD, { on: 'pod', pod: { pod: 'p', namespace: 'bench', context: 'c' } }],
  ['the block', {}, POD, { namespace: 'mine' }, { on: 'pod', pod: { pod: 'p', namespace: 'mine' } }],
  ['run_on a pod', { run_on: { pod: { namespace: 'n', pod: 'q', container: 'main' } } }, {}, {}, { on: 'pod', pod: { pod: 'q', container: 'main' } }],
  ['run_on workloads', JOBS, {}, {}, { on: 'kubernetes', needs: { namespace: 'bench', image: 'i' } }],
  ['a namespace for them', JOBS, {}, { namespace: 'mine', kube_context: 'c' }, { on: 'kubernetes', needs: { namespace: 'mine', context: 'c' } }],
])('%s says where a cell runs', (_, config, block, fields, place) => {
  expect(placeOf(cell(config), block, fields)).toMatchObject(place);
}); // prettier-ignore

test.each([
  ['a pod of no namespace', {}, { bench_pod: 'p' }, 'in which namespace'],
  ['a namespace of nothing', {}, { namespace: 'n' }, 'runs in no cluster'],
  ['a pod and workloads', JOBS, POD, 'runs in pod p and by its run_on'],
])('%s is refused', (_, config, fields, says) => {
  expect(() => placeOf(cell(config), {}, fields)).toThrow(
    expect.objectContaining({ code: 'place_open', message: expect.stringContaining(says) }),
  );
});
