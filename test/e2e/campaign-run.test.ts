// A campaign is run through the built programs: its plan, its steps, what it deploys and puts back, RED, arms in turn, one cell at a
// time, a stop, and kills at random moments.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CELL, writeTree } from '../campaign/bundles.ts';
import { startStandIn, type StandIn } from '../load/stand-in-server.ts';
import { freshRoot, removeRoot } from './connect.ts';
import { killedCampaign } from './killed-campaign.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';
import { standInTool, type StandInTool } from './stand-in-tool.ts';

const ACK = '--i-understand-this-submits-jobs';

let root: string;
let tool: StandInTool;
let server: StandIn;
let campaigns = 0;

const run = (...args: string[]): Promise<Finished> =>
  runCli(args, {
    root,
    program: resolve('dist/perftunereport.mjs'),
    env: { PATH: `${tool.path}:${process.env['PATH'] ?? ''}` },
  });

const shape = (cell_id: string, more: object = {}) => ({
  ...CELL, cell_id, concurrencies: [1, 2], isl: 16, osl: 4, sglang: { endpoint_url: server.baseUrl }, ...more,
}); // prettier-ignore

/** Begins a campaign; its name. */
const begin = async (config: object): Promise<string> => {
  const id = `run${(campaigns += 1)}-20261129T010203Z`;
  writeTree(root, { 'run.yaml': { experiment_id: id, ...config } });
  jsonOf(await run('campaign_init', 'run.yaml', '--json'));
  return id;
};

const READY = { ready_url: 'data:text/plain,ready' };
const go = (id: string, ...args: string[]): Promise<Finished> =>
  run('campaign_run', id, ACK, '--wait-s', '200', ...args);
const stateOf = (id: string) =>
  JSON.parse(readFileSync(join(root, 'campaigns', id, 'campaign-run.json'), 'utf8')) as {
    ended_at: string | null;
    standing: unknown;
    cells: Record<string, { verdict: string | null; steps: Record<string, { state: string; says: string }> }>;
  };

/** How often the report of a campaign was drawn. */
const drawn = (id: string): number => {
  const folder = join(root, 'campaigns', id, 'commands');
  return existsSync(folder) ? readdirSync(folder).filter((name) => /^\d+-report_render\.cmd$/.test(name)).length : 0;
};

beforeAll(async () => {
  root = freshRoot();
  tool = standInTool(root, 0.05);
  server = await startStandIn({ models: ['org/model'] });
});
afterAll(async () => {
  await server.close();
  removeRoot(root);
});

describe('campaign_run', () => {
  test('shows its whole plan with a hash that can be approved, and starts nothing', async () => {
    const deploy = { command: ['touch', 'up-{cell_id}'], teardown: ['rm', 'up-{cell_id}'] };
    const id = await begin({ campaign: { ...READY, deploy }, cells: [shape('a'), shape('b')] });
    const planned = jsonOf(await run('campaign_run', id, '--dry-run', '--json'));
    expect(planned['plan']).toEqual(expect.arrayContaining(['touch up-a', 'rm up-a', 'touch up-b', '# 2 cells to measure']));
    expect(planned['plan']).toEqual(expect.arrayContaining(['# preflight of a, b', expect.stringMatching(/preflight unknown server http:\S+: is asked after the cell is deployed/)]));
    expect(existsSync(join(root, 'campaigns', id, 'campaign-run.json'))).toBe(false);
    expect(await run('campaign_run', id)).toMatchObject({ code: 2, stderr: expect.stringContaining('i_understand_this_submits_jobs') });
    expect(await go(id, '--expect-plan', '0'.repeat(64))).toMatchObject({ code: 2, stderr: expect.stringContaining('plan_changed') });
    expect(await go(id, '--expect-plan', String(planned['plan_sha256']))).toMatchObject({ code: 0, stdout: expect.stringContaining('done: 2 cells') });
    expect((await run('campaign_status', id)).stdout).toMatch(/with a roofline sweep: perftunereport import_roofline_sweep .*--bundle '<folder of a sweep>'\nnext: perftunereport roofline_sweep --endpoint-url http:\S+ --out run1-\S+-sweep --model org\/model --dry-run/);
    const { cells, ended_at, standing } = stateOf(id);
    expect([ended_at === null, standing, existsSync(join(root, 'up-a'))]).toEqual([false, null, false]);
    expect(Object.values(cells).map(({ steps }) => [steps['deploy']?.state, steps['run']?.state, steps['aggregate']?.state, steps['record']?.state])).toEqual(
      [['done', 'done', 'done', 'done'], ['done', 'done', 'done', 'done']],
    );
    // What is of all cells together is made once, after the last.
    expect([drawn(id), ...Object.values(cells).map(({ steps }) => [steps['tpm']?.state, steps['render']?.state])]).toEqual([1, ['done', 'done'], ['done', 'done']]);
  }, 120_000); // prettier-ignore

  test('stops at a cell that is RED, puts back what it deployed, and goes on when told to', async () => {
    const measured = readFileSync(join(root, 'campaigns', 'run1-20261129T010203Z', 'cells', 'a', 'normalized.json'), 'utf8');
    writeTree(root, { 'better.json': measured.replaceAll(/"([a-z0-9_]*(?:ttft|tpot)[a-z0-9_]*_ms)": ([\d.]+)/g, (_, key: string, value: string) => `"${key}": ${Number(value) / 10}`) });
    jsonOf(await runCli(['perf_baseline_record', '--family', 'golden', '--measurement', 'serve', '--source', 'better.json', '--json'], { root }));
    const deploy = { command: ['touch', 'red-{cell_id}'], teardown: ['rm', 'red-{cell_id}'] };
    const id = await begin({ campaign: { ...READY, deploy, comparator_baseline: 'golden/serve@latest' }, cells: [shape('a', { concurrencies: [1] }), shape('b')] });
    const first = await go(id);
    expect([first.code, first.stdout]).toEqual([1, expect.stringMatching(/unfinished: 2 cells: 1 RED; stopped: cell a is RED/)]);
    expect(stateOf(id).cells['a']?.steps['diff']).toMatchObject({ says: 'RED against golden/serve@latest, decision INCONCLUSIVE' });
    expect([existsSync(join(root, 'red-a')), drawn(id), stateOf(id).cells['a']?.steps['render']?.state]).toEqual([false, 1, 'done']);
    expect(await go(id)).toMatchObject({ code: 2, stderr: expect.stringContaining('campaign_run_open') });
    const second = await go(id, '--resume', '--keep-going');
    expect(stateOf(id).cells['b']?.steps['run']?.state).toBe('done');
    expect([second.code, drawn(id)]).toEqual([1, 2]);
  }, 120_000); // prettier-ignore

  test('asks again for each cell where told to', async () => {
    const id = await begin({ campaign: READY, cells: [shape('a'), shape('b')] });
    const first = jsonOf(await go(id, '--confirm', 'each-cell', '--json'));
    expect(first).toMatchObject({ result: { waiting: 1 }, next: [{ input: { resume: true, confirm: 'each-cell', dry_run: true } }] });
    expect(readdirSync(join(root, 'campaigns', id, 'cells'))).toEqual(['a']);
    expect(jsonOf(await go(id, '--confirm', 'each-cell', '--resume', '--json'))).toMatchObject({ result: { waiting: 0 } });
    expect(readdirSync(join(root, 'campaigns', id, 'cells'))).toEqual(['a', 'b']);
  }, 120_000); // prettier-ignore

  test('measures arms in turn, in the layout of variant-ab, each with its trials', async () => {
    const id = await begin({ campaign: { ...READY, arms: { cells: ['base', 'fast'], trials: 3 } }, cells: [shape('base'), shape('fast')] });
    expect(await go(id)).toMatchObject({ code: 0, stdout: expect.stringContaining('done: 2 cells') });
    const folder = join(root, 'campaigns', id);
    expect(readdirSync(join(folder, 'variant-ab', 'base')).filter((name) => name.endsWith('.json')).sort()).toEqual(['c1-t1.json', 'c1-t2.json', 'c1-t3.json', 'c2-t1.json', 'c2-t2.json', 'c2-t3.json', 'result.json']);
    const order = readFileSync(tool.log, 'utf8').matchAll(/begin .*-(base|fast)-c1-t(\d)/g);
    expect([...order].map(([, arm, trial]) => `${arm} ${trial}`)).toEqual(['base 1', 'fast 1', 'fast 2', 'base 2', 'base 3', 'fast 3']);
    const rows = JSON.parse(readFileSync(join(folder, 'cells', 'fast', 'normalized.json'), 'utf8')) as { n_trials: number; raw_path: string }[];
    expect(rows.map(({ n_trials }) => n_trials)).toEqual([3, 3]);
    for (const { raw_path } of rows) expect(existsSync(join(folder, 'cells', 'fast', raw_path))).toBe(true);
    expect(stateOf(id).cells['fast']?.steps['compare']).toMatchObject({ state: 'done', says: expect.stringMatching(/^GREEN against base, decision (PASS|INCONCLUSIVE)/) });
    expect(JSON.parse(readFileSync(join(folder, 'variant-ab', 'comparison.json'), 'utf8'))).toMatchObject([{ cell: 'fast', against: 'base', verdict: 'GREEN' }]);
    expect(stateOf(id).cells['fast']?.steps['champion']).toMatchObject({ state: 'done', says: expect.stringMatching(/^RECOMMENDED-FOR-PRODUCTION \(DRAFT\): /) });
    const { baseline_source, variants } = JSON.parse(readFileSync(join(folder, 'champion_select.json'), 'utf8')) as { baseline_source: string; variants: { name: string; lead: { pairs: number } | null }[] };
    expect([baseline_source, variants.map(({ name, lead }) => [name, lead?.pairs])]).toEqual(['arms', [['base', undefined], ['fast', 3]]]);
  }, 120_000); // prettier-ignore

  test('job_cancel ends the tool and waits until what was deployed is put back', async () => {
    const slow = standInTool(join(root, 'slow'), 60);
    const deploy = { command: ['touch', 'slow-{cell_id}'], teardown: ['sh', '-c', 'sleep 1; rm slow-{cell_id}'] };
    const id = await begin({ campaign: { ...READY, deploy }, cells: [shape('a')] });
    const env = { PATH: `${slow.path}:${process.env['PATH'] ?? ''}` };
    const started = jsonOf(await runCli(['perf_tune_report_campaign_run', id, ACK, '--wait-s', '0', '--json'], { root, env }));
    for (let turn = 0; turn < 200 && readFileSync(slow.log, 'utf8') === ''; turn += 1) await new Promise((done) => setTimeout(done, 50));
    expect(existsSync(join(root, 'slow-a'))).toBe(true);
    const cancelled = jsonOf(await runCli(['job_cancel', String(started['job_id']), '--json'], { root }));
    expect(cancelled).toMatchObject({ state: 'cancelled' });
    expect(existsSync(join(root, 'slow-a'))).toBe(false);
    expect(stateOf(id)).toMatchObject({ ended_at: null, standing: null });
  }, 120_000); // prettier-ignore

  test('job_cancel draws the report of what was measured before, and a further run draws it again', async () => {
    const slow = standInTool(join(root, 'slow-second'), '$(( (c - 1) * 60 ))');
    const id = await begin({ campaign: READY, cells: [shape('a', { concurrencies: [1] }), shape('b', { concurrencies: [2] })] });
    const env = { PATH: `${slow.path}:${process.env['PATH'] ?? ''}` };
    const started = jsonOf(await runCli(['perf_tune_report_campaign_run', id, ACK, '--wait-s', '0', '--json'], { root, env }));
    for (let turn = 0; turn < 600 && !readFileSync(slow.log, 'utf8').includes('c2'); turn += 1) await new Promise((done) => setTimeout(done, 50));
    expect(drawn(id)).toBe(0);
    jsonOf(await runCli(['job_cancel', String(started['job_id']), '--json'], { root }));
    expect([drawn(id), stateOf(id).cells['a']?.steps['render']?.state, stateOf(id).ended_at]).toEqual([1, 'done', null]);
    expect(await go(id, '--resume')).toMatchObject({ code: 0 });
    expect([drawn(id), stateOf(id).cells['b']?.steps['render']?.state]).toEqual([2, 'done']);
  }, 120_000); // prettier-ignore

  test('killed at random moments it loses no point, doubles none and leaves nothing', async () => {
    const figures = await killedCampaign({ cells: 3, kills: 4, withinMs: 2500, seed: 7 });
    expect(figures).toMatchObject({ points: 6, missing: 0, doubled: 0, entries_wrong: 0, left: 0 });
  }, 200_000);
});

test('what a campaign may not say is refused by name', async () => {
  const id = await begin({ campaign: { deploi: {} }, cells: [shape('a')] });
  expect(await run('campaign_run', id, '--dry-run')).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean deploy?') });
  const half = await begin({ campaign: { target_release: 'x' }, cells: [shape('a')] });
  expect((await run('campaign_run', half, '--dry-run')).stderr).toContain('target_release and chart_dir belong together');
  const plain = await begin({ cells: [shape('a')] });
  expect((await run('campaign_run', plain, '--bench-pod', 'p', '--dry-run')).stderr).toContain('nothing says in which namespace pod p is');
  const inPod = await run('campaign_run', plain, '--bench-pod', 'p', '--namespace', 'n', '--dry-run');
  expect(inPod.stdout).toMatch(/kubectl --namespace=n exec .*p /);
}); // prettier-ignore
