import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bundleLineage, engineSource, flatLineage, type Lineage } from '../../src/campaign/lineage.ts';
import { writeTree } from './bundles.ts';

let bundle: string;
beforeEach(() => {
  bundle = mkdtempSync(join(tmpdir(), 'bundle-'));
});
afterEach(() => rmSync(bundle, { recursive: true, force: true }));

const page = (block: string): string => `# Bundle\n\ntext\n\n\`\`\`provenance\n${block}\n\`\`\`\n\nmore\n`;
const BLOCK = `schema: experiment_provenance_v1
identity:
  run_id: moe-20260523T010203Z
  title: MoE all-to-all
  tags: [moe, ep]
  status: active
source:
  - repo: org/deploy
    commit: "1111111"
  - repo: org/vllm
    branch: main
    commit: abcdef0
    delivery: overlay
    overlay_mode: subpath`;

describe('the lineage of an evidence bundle', () => {
  test.each([
    ['lines of Unix', page(BLOCK)],
    ['lines of Windows', page(BLOCK).replaceAll('\n', '\r\n')],
  ])('is read from its SOURCE.md, with %s', async (_name, text) => {
    writeTree(bundle, { 'SOURCE.md': text });
    const lineage = await bundleLineage(bundle);
    expect(flatLineage(lineage ?? { identity: { run_id: '' } })).toEqual({
      title: 'MoE all-to-all',
      experiment_status: 'active',
      tags: 'moe,ep',
      vllm_repo: 'org/vllm',
      vllm_branch: 'main',
      vllm_commit: 'abcdef0',
      delivery: 'overlay',
      overlay_mode: 'subpath',
      code_repo: 'org/deploy',
      code_sha: '1111111',
    });
  });

  test('is absent where the page has no such block', async () => {
    writeTree(bundle, { 'SOURCE.md': '# Bundle\n' });
    expect(await bundleLineage(bundle)).toBeUndefined();
  });

  test.each([
    ['a delivery that nobody knows', BLOCK.replace('overlay\n', 'carrier-pigeon\n'), 'source.1.delivery'],
    ['no run id', BLOCK.replace('  run_id: moe-20260523T010203Z\n', ''), 'identity.run_id'],
    ['another schema', BLOCK.replace('_v1', '_v9'), 'schema'],
  ])('with %s is refused with the place', async (_name, block, at) => {
    writeTree(bundle, { 'SOURCE.md': page(block) });
    await expect(bundleLineage(bundle)).rejects.toMatchObject({ code: 'lineage_invalid', details: { at } });
  });

  test('the engine is what is delivered, else the first source', () => {
    const of = (source: Lineage['source']) => engineSource({ identity: { run_id: 'r' }, source })?.repo;
    expect(
      of([
        { repo: 'a/x', commit: '1' },
        { repo: 'b/sglang', commit: '2' },
      ]),
    ).toBe('b/sglang');
    expect(
      of([
        { repo: 'a/x', commit: '1' },
        { repo: 'b/y', commit: '2' },
      ]),
    ).toBe('a/x');
    expect(of(undefined)).toBeUndefined();
  });
});
