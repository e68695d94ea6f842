// Every measurement of real tools: recorded as the tool wrote it, the same again is GREEN, one headline value 25 percent worse
// is RED and named. The worse value is written into the text of the file.
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MEASURED } from '../importers/samples-table.ts';
import { changeInText } from './changed-text.ts';
import { openWorkbench } from './workbench.ts';

const samples = new URL('../../../shared/samples', import.meta.url).pathname;
const absent = !existsSync(samples);
if (absent) console.log(`skipped: the sample outputs of real tools are not at ${samples}`);

describe.skipIf(absent)('outputs of real tools', () => {
  const bench = openWorkbench('samples');

  test.each(MEASURED.map((sample, index) => ({ ...sample, name: `m${index}` })))('$file', async ({ file, name }) => {
    const source = `${samples}/${file}`;
    await bench.record(name, source);
    const same = await bench.diff(name, source);
    expect(same).toMatchObject({ verdict: 'GREEN', adverse: [], improved: [], vanished: [], added: [] });
    expect(same['headline'].length, 'headline').toBeGreaterThan(0);

    const text = readFileSync(source, 'utf8');
    const rows = JSON.parse(readFileSync(`${same['diff_dir']}/diff.json`, 'utf8')).deltas;
    let changed: string | undefined;
    let key = '';
    for (const row of rows.filter((r: { headline?: true }) => r.headline)) {
      changed = await changeInText(
        source,
        text,
        { key: row.key, value: row.baseline },
        row.direction === 'lower-is-better' ? 1.25 : 0.75,
      );
      key = row.key;
      if (changed !== undefined) break;
    }
    expect(changed, `no headline of ${same['headline']} is in the text`).toBeDefined();
    const worse = await bench.diff(name, bench.file(`${name}/${basename(file)}`, changed));
    expect(worse).toMatchObject({ verdict: 'RED' });
    expect(worse['adverse'].map((row: { key: string }) => row.key)).toContain(key);
  });
});
