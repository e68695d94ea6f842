// A verb, a reader, a metric or a kernel bucket without a test of its own fails here: adding one means adding its test.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MANIFEST } from '../src/catalog/verbs.generated.ts';
import { READERS } from '../src/importers/readers.ts';
import { CATALOGUE } from '../src/metrics/catalogue.ts';
import { loadBucketRules } from '../src/profile/kernels/bucket-rules.ts';
import { classifier, kernelHead } from '../src/profile/kernels/classify.ts';
import { BUCKETS, CATEGORIES } from '../src/profile/model/buckets.ts';
import { KERNEL_NAMES } from './profile/kernels/kernel-name-cases.ts';

/** The text of every test below these folders, but for tables about files that do not lie in this repository. */
const textOf = (...folders: readonly string[]): string =>
  folders
    .flatMap((folder) =>
      readdirSync(join(import.meta.dirname, folder), { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && entry.name !== 'samples-table.ts')
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
    )
    .join('\n');

test('every verb is called by a test, as a client or a command line would call it', () => {
  const tests = textOf('tools', 'e2e');
  // By its name or that which a program of the family has for it, as the first word of a call.
  const isCalled = (name: string): boolean => {
    const words = [name, name.replace(/^perf_tune_report_/, '')].join('|');
    return (
      new RegExp(String.raw`\b\w+\((?:\w+, )?\[?\s*['"\x60](?:profile-and-optimize )?(?:${words})\b`).test(tests) ||
      tests.includes(`/${name.replaceAll('_', '-')}.ts'`)
    );
  };
  expect(MANIFEST.map(({ name }) => name).filter((name) => !isCalled(name))).toEqual([]);
  expect(isCalled('no_such_verb')).toBe(false);
});

test('every reader has a test that names its format, on text of our own', () => {
  const tests = textOf('importers', 'sota', 'ratchet');
  expect(READERS.map(({ format }) => format).filter((format) => !tests.includes(`'${format}'`))).toEqual([]);
});

test('every metric of the catalogue is named by a test', () => {
  const tests = textOf('importers', 'metrics', 'load', 'envelope', 'compare');
  const lacking = Object.values(CATALOGUE).filter(({ name }) => !new RegExp(String.raw`\b${name}\b`).test(tests));
  expect(lacking.map(({ name }) => name)).toEqual([]);
});

test('every bucket, every category and every line of the rules has the name of a kernel that it decides', async () => {
  const rules = await loadBucketRules();
  const classify = classifier(rules);
  const names = KERNEL_NAMES.flatMap((group) => group.names.map(([name]) => name));
  const decided = names.map((name) => classify(name));
  expect(BUCKETS.filter((bucket) => bucket !== 'other' && !decided.some((of) => of.bucket === bucket))).toEqual([]);
  expect(CATEGORIES.filter((category) => !decided.some((of) => of.category === category))).toEqual([]);
  const isShown = (bucket: string, line: string, textOfName: (name: string) => string): boolean =>
    names.some((name) => new RegExp(line, 'i').test(textOfName(name)) && classify(name).bucket === bucket);
  const lacking = rules.rules.flatMap(({ bucket, head, name }) => [
    ...head.filter((line) => !isShown(bucket, line, kernelHead)),
    ...name.filter((line) => !isShown(bucket, line, (whole) => whole)),
  ]);
  expect(lacking).toEqual([]);
});
