import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readMeasurement } from '../../src/importers/read.ts';
import { metricKey } from '../../src/metrics/metric.ts';
import { faultOf, valuesOf } from './outcome.ts';
import { MEASURED, REFUSED, SAMPLE_FOLDERS } from './samples-table.ts';
import type { MeasuredSample } from './samples-table.ts';

const root = new URL('../../../shared/samples', import.meta.url).pathname;
const absent = !existsSync(root);
if (absent) console.log(`skipped: the sample outputs of real tools are not at ${root}`);

describe.skipIf(absent)('outputs of real tools', () => {
  test('every file of the table is there', () => {
    const files = SAMPLE_FOLDERS.flatMap((folder) =>
      readdirSync(`${root}/${folder}`, { withFileTypes: true }).flatMap((entry) =>
        entry.isFile() ? [`${folder}/${entry.name}`] : [],
      ),
    );
    const listed = [...MEASURED, ...REFUSED].map(({ file }) => file);
    expect(files).toEqual(expect.arrayContaining(listed));
    expect(files.filter((file) => !listed.includes(file))).toEqual([]);
  });

  const check = async (sample: MeasuredSample): Promise<void> => {
    const outcome = await readMeasurement(`${root}/${sample.file}`);
    if (outcome.kind !== 'measured') throw new Error(outcome.reason);
    const { metrics, context } = outcome.reading;
    const points = new Set(metrics.map(({ labels }) => metricKey({ name: '', labels })));
    expect(outcome.format).toBe(sample.format);
    expect(points.size).toBe(sample.points);
    expect(Object.fromEntries(metrics.map(({ name, unit }) => [name, unit]))).toEqual(sample.metrics);
    expect(valuesOf(outcome.reading)).toMatchObject(sample.values);
    expect(new Set(metrics.map(metricKey)).size).toBe(metrics.length);
    if (sample.context !== undefined) expect(context).toMatchObject(sample.context);
  };

  test.each(SAMPLE_FOLDERS)('of %s are read with their points, metrics and units', async (folder) => {
    for (const sample of MEASURED.filter(({ file }) => file.startsWith(`${folder}/`))) await check(sample);
  });

  test('of one tool over lengths and loads are a point each', async () => {
    const folder = `${root}/inferencex/token-position-slo`;
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
    expect(files.length).toBeGreaterThan(80);
    for (const file of files) {
      const outcome = await readMeasurement(`${folder}/${file}`);
      const concurrency = Number(/conc(\d+)/.exec(file)?.[1]);
      expect(outcome).toMatchObject({
        kind: 'measured',
        format: 'vllm_serve_json',
        reading: { context: { concurrency } },
      });
    }
  });

  test('that hold no measurement are refused', async () => {
    for (const { file, code } of REFUSED) {
      const fault = await faultOf(readMeasurement(`${root}/${file}`));
      expect(fault).toMatchObject({ kind: 'input', code });
      expect(fault.details.path).toContain(file);
      expect(fault.details.fix).toBeTruthy();
    }
  });
});
