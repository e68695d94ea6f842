// A candidate is read as its baseline was, so that their metrics meet.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readCandidateSide } from '../../src/source/candidate-side.ts';
import { scratchFolder } from '../fs/scratch.ts';

const folder = scratchFolder('candidate');
const result = join(folder, 'result.json');
writeFileSync(result, JSON.stringify({ name: 'decode', performance: { median_ms: 1.5 } }));

it.each([
  ['of no known format is one still, whatever reads its format now', 'json_document', 'performance.median_ms'],
  ['of a known format is read by what the file looks like', 'ratchet_result', 'time_p50_ms'],
])('the candidate of a baseline %s', async (_, format, name) => {
  const entry = { family: 'kernels', measurement: 'decode', baseline: {} };
  const side = await readCandidateSide({ paths: [result] }, { shape: 'structured', format, entry });
  expect(side.metrics.map((metric) => metric.name)).toEqual([name]);
});
