// Each file of test/fixtures/readings, and what it is read as, whole: every metric, label, unit, setting, warning and trial. The
// texts in expected/ were compared with the files by hand; one that changes is a change of behaviour (`npx vitest run <file> -u`).
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { outcomeAsText } from './reading-text.ts';

const EXPECTED = new URL('../fixtures/readings/expected/', import.meta.url).pathname;

describe.each(['measurements', 'readings'])('of test/fixtures/%s', (folder) => {
  const path = new URL(`../fixtures/${folder}/`, import.meta.url).pathname;
  const names = readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  test.each(names)('%s is read as it says', async (name) => {
    const text = readFileSync(path + name, 'utf8');
    await expect(await outcomeAsText(name, text)).toMatchFileSnapshot(`${EXPECTED}${name}.txt`);
  });
});
