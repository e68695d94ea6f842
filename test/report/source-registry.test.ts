// What registries of sources say of the code under test: the address of a commit, and what provenance leaves open; never in its place.
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sourcesUnderTest } from '../../src/report/source-registry.ts';
import { sourcePages } from '../../src/report/pages/sources.ts';
import { NO_EVIDENCE } from '../../src/report/evidence.ts';
import { writeTree } from '../campaign/bundles.ts';
import { scratchFolder } from '../fs/scratch.ts';
import { dataOf, row } from './rows.ts';

const VLLM = { repo: 'vllm-project/vllm', commit: 'abc1234', delivery: 'image' as const };

const sourcesOf = (lineage: Parameters<typeof sourcesUnderTest>[1], files: Readonly<Record<string, string>>) => {
  const root = writeTree(scratchFolder('registry'), { 'campaigns/one/.keep': '', ...files });
  return sourcesUnderTest(join(root, 'campaigns/one'), lineage, { root, productFolder: resolve('.') });
};

describe('the sources under test', () => {
  test('have the address of their commit from the shipped registry', async () => {
    expect(await sourcesOf([VLLM], {})).toEqual([{ ...VLLM, purpose: 'serving engine', url: 'https://github.com/vllm-project/vllm/commit/abc1234' }]);
  }); // prettier-ignore

  test('keep what provenance says; the registry of the campaign wins over that of the root', async () => {
    const root = 'sources: { org/kernels: { url: https://git.example/kernels, purpose: of the root, delivery: overlay } }\n';
    const own = 'sources: { org/kernels: { url: https://gitlab.com/org/kernels, purpose: of the campaign }, org/harness: { commit: f00dfeed, patch_files: [a.patch] } }\n';
    const found = await sourcesOf([{ repo: 'org/kernels', commit: '77aa88bb', purpose: 'as recorded' }], { 'configs/source-registry.yaml': root, 'campaigns/one/source-registry.yaml': own });
    expect(found).toEqual([
      { repo: 'org/kernels', commit: '77aa88bb', purpose: 'as recorded', url: 'https://gitlab.com/org/kernels/-/commit/77aa88bb' },
      { repo: 'org/harness', commit: 'f00dfeed', patch_files: ['a.patch'] },
    ]);
  }); // prettier-ignore

  test('are shown with delivery, patches and a link', () => {
    const sources = [{ ...VLLM, url: 'https://github.com/vllm-project/vllm/commit/abc1234' }];
    const [page] = sourcePages(dataOf([row()], { evidence: { ...NO_EVIDENCE, sources } })).pages;
    expect(JSON.stringify(page?.blocks[0])).toContain('{"link":"abc1234","href":"https://github.com/vllm-project/vllm/commit/abc1234"}');
  }); // prettier-ignore

  test.each([
    ['an address that is no https', 'sources: { a: { url: "javascript:alert(1)" } }\n'],
    ['a key that nobody knows', 'sources: { a: { uri: https://x.y } }\n'],
  ])('with %s are refused, and the file is named', async (_name, text) => {
    await expect(sourcesOf([], { 'campaigns/one/source-registry.yaml': text })).rejects.toThrow(
      /source-registry\.yaml/,
    );
  });
});
