// What is remembered about names must not hold the documents that they stood in.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { factsOfName } from '../../src/metrics/name-facts.ts';
import { factsOfPath } from '../../src/metrics/path-facts.ts';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

const heldMb = (): number => {
  for (let pass = 0; pass < 3; pass += 1) if (typeof collect === 'function') collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
};

test.each([
  ['one word', (index: number) => `timeToFirstTokenMillis${index}`],
  ['a long last word', (index: number) => `engine_timeToFirstTokenMillis${index}`],
  ['a long word of a rate', (index: number) => `engine_timeToFirstToken${index}_per_s`],
])('a name of %s, cut out of a large document, does not keep the document', (_, nameOf) => {
  const before = heldMb();
  for (let index = 0; index < 10; index += 1) {
    const document = Buffer.alloc(8e6, 'x').toString('latin1') + nameOf(index);
    const name = document.slice(-nameOf(index).length);
    expect([factsOfName(name).kind, factsOfPath(name).kind]).toEqual(['metric', 'metric']);
  }
  expect(heldMb() - before).toBeLessThan(20); // ten documents are 80 MB, one may still be on its way out
});
