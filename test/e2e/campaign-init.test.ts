// campaign_init through the built command line: names, places, lineage, and what it refuses.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CELL, writeTree } from '../campaign/bundles.ts';
import { freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';

const PROGRAM = 'dist/perftunereport.mjs';
const program = join(process.cwd(), PROGRAM);

let root: string;
beforeEach(() => {
  root = freshRoot();
  writeTree(root, { 'kimi.yaml': { name: 'Kimi K2.6', cells: [CELL] } });
});
afterEach(() => removeRoot(root));

const run = (args: readonly string[], env: Record<string, string> = {}, cwd = root): Promise<Finished> =>
  runCli(args, { root, cwd, env, program });
const init = async (args: readonly string[], env: Record<string, string> = {}, cwd = root) =>
  jsonOf(await run(['campaign_init', ...args, '--json'], env, cwd));

describe('campaign_init', () => {
  test('takes slug, experiment id, family and evidence bundle, and keeps their lineage', async () => {
    const block = 'identity: {run_id: r-1, title: Faster MoE}\nsource: [{repo: org/vllm, commit: abc1234, delivery: image}]';
    writeTree(root, { 'evidence/SOURCE.md': `# Evidence\n\n\`\`\`provenance\n${block}\n\`\`\`\n` });
    const id = 'moe-20261128T010203Z';
    const given = ['--config', 'kimi.yaml', '--slug', 'moe', '--experiment-id', id, '--family', 'kimi', '--evidence-bundle', 'evidence'];
    const answer = await init(given);
    const folder = join(root, 'campaigns', id);
    expect(answer).toMatchObject({ campaign_dir: folder, slug: 'moe', family: 'kimi', evidence_bundle_path: join(root, 'evidence') });
    expect(JSON.parse(readFileSync(join(folder, 'provenance.json'), 'utf8'))).toMatchObject({ identity: { title: 'Faster MoE' } });
    const source = readFileSync(join(folder, 'SOURCE.md'), 'utf8');
    for (const line of ['# Perf-report campaign: moe', `- experiment_id: ${id}`, '- family: kimi', '- cells: 1', '- title: Faster MoE', '- vllm_commit: abc1234', '- delivery: image'])
      expect(source.split('\n')).toContain(line);
    expect(readFileSync(join(folder, 'config.yaml'))).toEqual(readFileSync(join(root, 'kimi.yaml')));
  }); // prettier-ignore

  test('names the folder by the time and the slug of the name, which finds it', async () => {
    const { campaign_dir: folder } = await init(['kimi.yaml']);
    expect(folder).toMatch(/campaigns\/\d{8}T\d{6}Z-kimi-k2-6$/);
    expect((await run(['campaign_status', 'kimi-k2-6'])).stdout).toContain(`not done: ${String(folder)}`);
  });

  test('warns of a run block that cell_run would refuse, before the config is frozen', async () => {
    writeTree(root, { 'half.yaml': { cells: [{ ...CELL, vllm_sweep: { serve_cmd: 'vllm serve m' } }] } });
    const { stdout, stderr } = await run(['campaign_init', 'half.yaml', '--dry-run']);
    expect(stdout + stderr).toContain('WARNING: cannot be run: vllm_sweep of cell base: bench_cmd is missing');
  });

  test('refuses a second campaign of one experiment, and leaves the first as it is', async () => {
    const given = ['--config', 'kimi.yaml', '--experiment-id', 'x-20261128T010203Z'];
    const { campaign_dir: folder } = await init(given);
    const before = readdirSync(String(folder));
    writeFileSync(join(String(folder), 'note.txt'), 'mine');
    const again = await run(['campaign_init', ...given]);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('exists and is not touched') });
    expect(readdirSync(String(folder))).toEqual([...before, 'note.txt'].sort());
  });

  test.each([
    ['an experiment id without a time', ['--experiment-id', 'night'], 'experiment_id_undated'],
    ['a slug that leaves the folder', ['--slug', '../x'], 'unsafe_segment'],
    ['a bundle that is none', ['--evidence-bundle', 'campaigns'], 'evidence_bundle_invalid'],
  ])('refuses %s', async (_name, args, code) => {
    mkdirSync(join(root, 'campaigns'));
    const refused = await run(['campaign_init', 'kimi.yaml', ...args]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(code) });
    expect(readdirSync(join(root, 'campaigns'))).toEqual([]);
  });

  test('begins in the campaigns folder of the flag, else of the environment, else of the root', async () => {
    const env = { PERFREPORT_CAMPAIGNS_DIR: join(root, 'by-env') };
    expect((await init(['kimi.yaml'], env))['campaign_dir']).toContain('/by-env/');
    expect((await init(['kimi.yaml', '--campaigns-dir', 'by-flag'], env))['campaign_dir']).toContain('/by-flag/');
    expect((await run(['campaign_status', 'kimi-k2-6'], env)).stdout).toContain('/by-env/');
    expect((await run(['campaign_status', 'kimi-k2-6', '--campaigns-dir', 'by-flag'])).stdout).toContain('/by-flag/');
  });

  test('in no repository: below the working folder, which git is kept from', async () => {
    const cwd = join(root, 'nowhere');
    writeTree(cwd, { 'kimi.yaml': { cells: [] } });
    const { campaign_dir: folder } = await init(['kimi.yaml'], { PROFILE_AND_OPTIMIZE_REPO_ROOT: '', HOME: join(root, 'home') }, cwd);
    expect(folder).toMatch(new RegExp(`^${cwd}/campaigns/`));
    expect(readFileSync(join(cwd, 'campaigns', '.gitignore'), 'utf8')).toBe('*\n');
    expect(existsSync(join(root, 'home'))).toBe(false);
  }); // prettier-ignore

  test('status gives the run of a cell as the next call, and names a verb that this version has not', async () => {
    writeTree(root, {
      'run.yaml': { name: 'run', cells: [{ ...CELL, bench: { endpoint_url: 'http://127.0.0.1:9/v1' } }] },
    });
    const { campaign_dir: folder } = await init(['run.yaml']);
    const before = await run(['campaign_status', 'run']);
    expect(before.stdout).toContain('cell base: has not been run');
    expect(before.stdout).toMatch(/^next: perftunereport cell_run .*--cell base --dry-run$/m);
    const next = /^next: perftunereport (.*)$/m.exec(before.stdout)?.[1]?.split(' ') ?? [];
    expect(await run(next)).toMatchObject({ code: 0, stdout: expect.stringContaining('by bench') });
    const { concurrencies, ...identity } = CELL;
    const rows = concurrencies.map((concurrency) => ({ ...identity, concurrency, status: 'full' }));
    writeTree(String(folder), {
      'cells/base/normalized.json': rows,
      'cells/base/kernels.json': { per_category: { MoE: 70 } },
    });
    await run(['atlas_aggregate', 'run']);
    await run(['tpm_summary', 'run']);
    const after = await run(['campaign_status', 'run']);
    expect(after.stdout).toMatch(/next.*report_render/);
  });
});
