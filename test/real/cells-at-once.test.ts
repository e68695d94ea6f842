// Cells of a campaign on a Slurm cluster of several nodes: each a job of its own, no more at once than was asked for.
import { describe, expect, test } from 'vitest';
import { cellsAtOnce, slurmOfNodes } from './cells-at-once.ts';
import { noSlurm } from './slurm-cluster.ts';

const reason = noSlurm();
if (reason !== null) console.warn(`skipped: cells at once by Slurm: ${reason}`);

describe.skipIf(reason !== null)('a campaign on four nodes', () => {
  test.each([
    ['fewer at once than there are nodes', 2, 2],
    ['more at once than there are nodes', 6, 4],
  ])(
    'measures every cell, %s',
    async (_, maxParallel, atOnce) => {
      const cluster = await slurmOfNodes(4);
      try {
        const figures = await cellsAtOnce({ nodes: 4, cells: 6, maxParallel, seconds: 6 }, cluster);
        expect(figures).toMatchObject({ at_once: atOnce, on_one_node: 1, points: 6, left: 0, exit_code: 0 });
      } finally {
        await cluster.close();
      }
    },
    240_000,
  );
});
