// What sinfo prints of partitions and nodes.
import { expect, test } from 'vitest';
import { parseNodes, parsePartitions } from '../../src/drivers/slurm-nodes.ts';

test('partitions with their availability', () => {
  expect(parsePartitions('gpu|up\nold|drain\n')).toEqual([
    { name: 'gpu', up: true },
    { name: 'old', up: false },
  ]);
  expect(parsePartitions('')).toEqual([]);
});

const line = (...columns: string[]): string => columns.map((column) => column.padEnd(96)).join('');

test.each([
  [line('n1', 'gpu:8(S:0-1)', 'gpu:0(IDX:N/A)', 'idle'), { gpus: 8, used: 0, usable: true, idle: true }],
  [line('n1', 'gpu:h100:8(S:0-1),shard:4', 'gpu:h100:3(IDX:0-2)', 'mixed'), { gpus: 8, used: 3, usable: true, idle: false }],
  [line('n1', 'gpu:a:4,gpu:b:2', 'gpu:a:4,gpu:b:0', 'allocated'), { gpus: 6, used: 4, usable: true, idle: false }],
  [line('n1', 'gpu:8', 'gpu:0', 'down*'), { gpus: 8, used: 0, usable: false, idle: false }],
  [line('n1', 'gpu:8', 'gpu:0', 'idle*'), { gpus: 8, used: 0, usable: false, idle: false }],
  [line('n1', '(null)', 'N/A', 'drained'), { gpus: 0, used: 0, usable: false, idle: false }],
])('a node: %s', (text, node) => {
  expect(parseNodes(`${text}\n${text}\n`)).toEqual([{ name: 'n1', ...node }]);
}); // prettier-ignore
