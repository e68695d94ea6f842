import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rowLine } from '../../../src/campaign/row-text.ts';
import { championRowSchema, championSchema } from '../../../src/champion/champion-record.ts';
import type { Host } from '../../../src/verb/host.ts';
import { runVerb } from '../../../src/verb/run-verb.ts';
import { championSelect } from '../../../tools/analysis/champion-select.ts';
import { BASE, FASTER, cell } from '../../champion/atlas.ts';
import { scratchFolder } from '../../fs/scratch.ts';
import { entryOf } from '../../verb/entry-of.ts';

const ID = 'kimi-20261129T010203Z';

const campaignOf = (rows: readonly ReturnType<typeof cell>[], config?: string) => {
  const root = scratchFolder('champion-select');
  const campaign = join(root, 'campaigns', ID);
  mkdirSync(join(campaign, 'cells'), { recursive: true });
  mkdirSync(join(root, '.git'));
  writeFileSync(join(campaign, 'atlas.jsonl'), rows.map(rowLine).join(''));
  if (config !== undefined) writeFileSync(join(campaign, 'config.yaml'), config);
  const host: Host = {
    cwd: root,
    env: { PATH: process.env['PATH'] },
    product: { name: 'profile-and-optimize', version: '0.1.0', sha: null },
    productFolder: resolve('.'),
    log: async () => undefined,
    resolveRoot: () => ({ root, source: 'test' }),
  };
  const call = (input: object = {}) =>
    runVerb(entryOf(championSelect), async () => championSelect, { campaign: ID, ...input }, host);
  return { root, campaign, call };
};

const ROWS = [cell('glm-base', BASE), cell('fast', FASTER), cell('tiny', FASTER, 15, { model: 'org/tiny-1b' })];

describe('champion_select', () => {
  it('writes a page for people and a record for programs, and says the same in its answer', async () => {
    const { campaign, call } = campaignOf(ROWS);
    const { ok, text, structured } = await call();
    expect(ok).toBe(true);
    expect(text).toMatch(/^RECOMMENDED-FOR-PRODUCTION \(DRAFT\): fast\nfast is better than glm-base by \+20\.0% tok\/s\/GPU at concurrency 32 \(95% /);
    expect(text.length).toBeLessThan(2000);
    const record = championSchema.parse(JSON.parse(readFileSync(join(campaign, 'champion_select.json'), 'utf8')));
    expect(record).toMatchObject({ schema_version: 'champion_select_v1', campaign_id: ID, recommended_cell: 'fast', roofline_overlay: {} });
    const page = readFileSync(join(campaign, 'CHAMPION.md'), 'utf8');
    expect(page).toMatch(/^# Champion: kimi-20261129T010203Z\n\n> \*\*RECOMMENDED-FOR-PRODUCTION \(DRAFT\): fast\*\*\n/);
    expect(page).toContain('| **fast** | vllm | 120.0 | +20.0% (');
    expect(page).toContain('- tiny: org/tiny-1b, the baseline is org/model-9b-FP8');
    expect(structured['champion_v1']).toHaveLength(2);
  });

  it('keeps rows of the lake: one for each variant, the recommended one marked', async () => {
    const { call } = campaignOf(ROWS);
    const { structured } = await call();
    const rows = (structured['champion_v1'] as unknown[]).map((row) => championRowSchema.parse(row));
    expect(Object.keys(rows[0] ?? {})).toHaveLength(24);
    expect(rows.map(({ cell_id, is_baseline, is_recommended, slo_verdict }) => [cell_id, is_baseline, is_recommended, slo_verdict])).toEqual([
      ['glm-base', true, false, 'BASELINE'],
      ['fast', false, true, 'PASS-SLO'],
    ]);
  });

  it('writes nothing in a dry run', async () => {
    const { campaign, call } = campaignOf(ROWS);
    const { ok, text } = await call({ dry_run: true });
    expect(ok).toBe(true);
    expect(text).toMatch(/would write .*CHAMPION\.md/);
    expect(readdirSync(campaign).sort()).toEqual(['atlas.jsonl', 'cells']);
  });

  it('takes workloads as one text or as a list, and names the record that would replace the word', async () => {
    const { call } = campaignOf(ROWS);
    for (const workloads_present of ['aa,sonnet,sharegpt,code', ['aa', 'sonnet', 'sharegpt', 'code']]) {
      const { structured, text } = await call({ workloads_present });
      expect(structured['gates']).toContainEqual(expect.objectContaining({ name: 'multi_workload', status: 'attested', result: 'pass' }));
      expect(text).toContain('--workloads-present is only said; rows of fast under aa, sonnet, sharegpt, code (import_workloads) would replace it');
    }
  });

  it('takes focus, arms and the mark of production from the config, and says where it cannot', async () => {
    const CELL = '{ model: org/model-9b-FP8, hardware: B200, quant: FP8, tensor_parallel: 8, parallel_strategy: TP, mtp: false, max_num_batched_tokens: 8192, concurrencies: [32] }';
    const cells = `cells:\n  - ${CELL.replace('{', '{ cell_id: fast,')}\n  - ${CELL.replace('{', '{ cell_id: glm-base,')}\n`;
    const good = campaignOf(ROWS, `campaign: { arms: { cells: [fast, glm-base] }, production_representative: true }\n${cells}`);
    const { structured } = await good.call();
    expect(structured).toMatchObject({ baseline_cell: 'fast', baseline_source: 'arms', no_change: true });
    const odd = campaignOf(ROWS, 'cells: 3\n');
    const { ok, structured: found } = await odd.call();
    expect(ok).toBe(true);
    expect(found['warnings']).toContainEqual(expect.stringMatching(/^config\.yaml is left out: /));
  });

  it('fills a folder that the call names, and never replaces a file that is not its own', async () => {
    const { root, call } = campaignOf(ROWS);
    expect((await call({ out: 'picked' })).ok).toBe(true);
    expect((await call({ out: 'picked' })).ok).toBe(true);
    expect(existsSync(join(root, 'picked', 'CHAMPION.md'))).toBe(true);
    writeFileSync(join(root, 'picked', 'CHAMPION.md'), 'my own notes\n');
    const { ok, text } = await call({ out: 'picked' });
    expect(ok).toBe(false);
    expect(text).toContain('CHAMPION.md');
    expect(readFileSync(join(root, 'picked', 'CHAMPION.md'), 'utf8')).toBe('my own notes\n');
  });

  it('asks for an atlas where there is none', async () => {
    const { root, call } = campaignOf([]);
    const { ok, structured } = await call();
    expect(ok).toBe(false);
    expect(structured).toMatchObject({ error: { code: 'atlas_empty' } });
    expect(existsSync(join(root, 'campaigns', ID, 'CHAMPION.md'))).toBe(false);
  });
}); // prettier-ignore
