// Every command of the pages, of the verbs' own examples, of configs/ and of the workflow templates runs as printed, in a folder that has
// the files it names. What a test machine cannot have is marked where it is printed, and listed here.
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MANIFEST } from '../../src/catalog/verbs.generated.ts';
import { parsePolicy } from '../../src/verdict/policy-file.ts';
import { isJsonObject } from '../../src/text/json.ts';
import { parseCampaignConfig } from '../../src/campaign/config.ts';
import { parseYaml } from '../../src/text/yaml.ts';
import { startStandIn, type StandIn } from '../load/stand-in-server.ts';
import { blocksOf, PAGES, type Block } from './pages.ts';
import { copyOf, makeSandbox, type Ran, type Sandbox } from './sandbox.ts';

/** What an example may need that a test machine has not. */
const NEEDS = ['a GPU', 'a checkout', 'a cluster', 'claude', 'nsys', 'zymtrace'];

const SHELLS = ['sh', 'bash'];

let server: StandIn;
beforeAll(async () => {
  server = await startStandIn({ chunks: 4, models: ['meta-llama/Llama-3.1-8B-Instruct'] });
});
afterAll(() => server.close());

/** As printed, but for the address of the server, and the hash of a chain, which nobody can know before it is there. */
const prepared = async (text: string, { run }: Sandbox): Promise<string> => {
  const addressed = text
    .replaceAll('http://localhost:8000/v1', server.baseUrl)
    .replaceAll('${{ secrets.ENGINE_URL }}', server.baseUrl);
  const head = /--expect-head ([0-9a-f]{64})/.exec(addressed)?.[1];
  if (head === undefined) return addressed;
  const scope = addressed.includes('vllm_serve') ? 'llama31_8b/vllm_serve' : '';
  const { output } = await run(`profile-and-optimize perf_baseline_verify ${scope}`);
  return addressed.replace(head, /^head: (\w{64})$/m.exec(output)?.[1] ?? head);
};

const expectToRun = async (text: string, sandbox: Sandbox): Promise<void> => {
  const output = /\bbench[ _]run\b[\s\S]*--output (\S+)/.exec(text)?.[1];
  if (output !== undefined) await sandbox.run(`rm -rf ${output}`);
  const done: Ran = await sandbox.run(await prepared(text, sandbox));
  expect({ code: done.code, output: done.code === 0 ? '' : done.output }, text).toEqual({ code: 0, output: '' });
};

/** The page of the verbs: each example stands for itself there, and a reader begins with any of them. */
const REFERENCE = 'docs/verbs.md';

/** A job that has ended, under the id that the examples name. */
const EXAMPLE_JOB = '20261122T020816992331Z-a1b2c3';
const leaveJob = async ({ run }: Sandbox): Promise<void> => {
  const { output } = await run(
    'profile-and-optimize autotune_run --config training_512 --output made --wait-s 120 --i-understand-this-submits-jobs --json',
  );
  const { job_id: id } = JSON.parse(output);
  const done = await run(
    `rm -rf build made && cd experiments/artifacts/jobs && sed -i 's/${id}/${EXAMPLE_JOB}/g' ${id}/state.json && mv ${id} ${EXAMPLE_JOB}`,
  );
  if (done.code !== 0) throw new Error(done.output);
};

const leaveCampaign = async ({ run }: Sandbox): Promise<void> => {
  const done = await run('perftunereport campaign_init configs/campaigns/kimi-k26.yaml');
  if (done.code !== 0) throw new Error(done.output);
};

/** Files below the folder and below HOME, each with the moment of its last change. */
const filesOf = ({ folder, home }: Sandbox): string[] =>
  [folder, home].flatMap((top) =>
    readdirSync(top, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => `${relative(folder, path)} ${lstatSync(path).mtimeMs}`),
  );

/** What README says of where verbs write: below the root, and these folders of the working folder; `build/` is the example's compiler's. */
const WRITTEN = ['experiments/', 'campaigns/', 'tuning/', 'sota/', 'results/nsight/', 'build/'];

/** Files that an example made or changed and that neither its words nor README name. */
const writtenElsewhere = (text: string, before: readonly string[], after: readonly string[]): string[] =>
  after
    .filter((file) => !before.includes(file))
    .map((file) => file.replace(/ [\d.]+$/, ''))
    .filter((path) => !WRITTEN.some((folder) => path.startsWith(folder)))
    .filter((path) => !text.includes(path) && !text.includes(`./${path.split('/')[0]}`));

const shellBlocks: Block[] = PAGES.flatMap(blocksOf).filter(({ language }) => SHELLS.includes(language));

it('says of no example that it needs what is not listed here', () => {
  const needs = shellBlocks.flatMap(({ needs: need }) => (need === null ? [] : [need]));
  expect([...new Set(needs)].sort()).toEqual(NEEDS);
});

const runnable = shellBlocks.filter(({ needs }) => needs === null);

it('runs every verb by an example, from an installed copy without node_modules', () => {
  const run = runnable.map(({ text }) => text).join('\n');
  const missing = MANIFEST.filter(({ name }) => !run.includes(` ${name} `) && !run.endsWith(` ${name}`));
  expect(missing.map(({ name }) => name)).toEqual([]);
});

describe.each([...new Set(runnable.map(({ page }) => page))])('the commands of %s', (page) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await makeSandbox();
    if (page !== REFERENCE) return;
    await leaveJob(sandbox);
    await leaveCampaign(sandbox);
  });
  const own = runnable.filter((block) => block.page === page);
  it.each(own.map((block) => [block.line, block] as const))('run as printed in line %i', async (_, { text }) => {
    if (page !== REFERENCE) return expectToRun(text, sandbox);
    const own = copyOf(sandbox);
    const before = filesOf(own);
    await expectToRun(text, own);
    expect(writtenElsewhere(text, before, filesOf(own))).toEqual([]);
  });
});

describe('data in the pages', () => {
  const blockOf = (page: string, language: string, holds: string): string => {
    const found = blocksOf(page).find((block) => block.language === language && block.text.includes(holds));
    if (found === undefined) throw new Error(`${page} has no ${language} block with ${holds}`);
    return found.text;
  };

  it('is all read by a test below', () => {
    const data = PAGES.flatMap(blocksOf).filter(({ language }) => ['json', 'yaml'].includes(language));
    expect(data.map(({ page, language }) => `${page} ${language}`).sort()).toEqual([
      'docs/METHODOLOGY.md yaml',
      'docs/campaigns.md yaml',
      'docs/campaigns.md yaml',
      'docs/capacity.md yaml',
      'docs/feedback-loop.md json',
      'docs/feedback-loop.md yaml',
      'docs/regression-check.md yaml',
      'docs/site.md yaml',
    ]);
  });

  it('a result and a waiver are read by the ratchet', async () => {
    const { run } = await makeSandbox();
    const result = blockOf('docs/feedback-loop.md', 'json', 'samples_ms');
    const waivers = blockOf('docs/feedback-loop.md', 'yaml', 'waivers');
    const done = await run(
      `cat >r.json <<'END'\n${result}\nEND\ncat >w.yaml <<'END'\n${waivers}\nEND\nprofile-and-optimize ratchet_check r.json --baseline b.json --waivers w.yaml`,
    );
    expect(done.code, done.output).toBe(0);
  });

  it('the step that makes a site runs in a checkout', async () => {
    const steps = await parseYaml(blockOf('docs/site.md', 'yaml', 'registry_site'), 'site.md');
    const [{ run: command }] = z.tuple([z.object({ run: z.string() }), z.unknown()]).parse(steps);
    const { run } = await makeSandbox();
    const commit = 'git init -q . && git -c user.name=t -c user.email=t@example.com commit -q --allow-empty -m first';
    const done = await run(`${commit} && ${command} && test -f perf-site/index.html`);
    expect(done.code, done.output).toBe(0);
  });

  it('rules are read as a policy', async () => {
    const rules = await parsePolicy(blockOf('docs/METHODOLOGY.md', 'yaml', 'match'), 'METHODOLOGY.md');
    expect(rules.length).toBeGreaterThan(2);
  });

  it('the YAML of a campaign passes', async () => {
    const text = blockOf('docs/campaigns.md', 'yaml', 'cells');
    await expect(parseCampaignConfig(text, 'campaigns.md')).resolves.toMatchObject({ name: 'kimi-k26' });
  });

  it('limits and prices are read as those of a campaign', async () => {
    const text = `${blockOf('docs/capacity.md', 'yaml', 'usd_per_gpu_hour')}\ncells: []\n`;
    await expect(parseCampaignConfig(text, 'capacity.md')).resolves.toMatchObject({
      tpm: { gpus_per_rack: 72 },
      cost: { usd_per_gpu_hour: { B200: 4.5 } },
    });
  });

  it('a place of a cell is read as one', async () => {
    const campaign = await parseYaml(blockOf('docs/campaigns.md', 'yaml', 'cells:'), 'campaigns.md');
    const place = await parseYaml(blockOf('docs/campaigns.md', 'yaml', 'run_on:'), 'campaigns.md');
    const [cell] = isJsonObject(campaign) && Array.isArray(campaign['cells']) ? campaign['cells'] : [];
    const text = JSON.stringify({ cells: [{ ...Object(cell), ...Object(place) }] });
    await expect(parseCampaignConfig(text, 'campaigns.md')).resolves.toMatchObject({
      cells: [{ run_on: { kubernetes: { image: expect.stringContaining('vllm-openai'), nodes: 1 } } }],
    });
  });

  it('the step for CI runs', async () => {
    const sandbox = await makeSandbox();
    const steps = await parseYaml(blockOf('docs/regression-check.md', 'yaml', 'run:'), 'step');
    const script = Array.isArray(steps) && isJsonObject(steps[0]) ? String(steps[0]['run']) : '';
    await expectToRun(
      `mkdir -p benchmarks/baselines && bench run chatbot-short --concurrency 16 --base-url http://localhost:8000/v1 --output ./first
       cp first/c16-*.json benchmarks/baselines/llama-3.1-8b-conc16.json; rm -r candidate`,
      sandbox,
    );
    const done = await sandbox.run(await prepared(script, sandbox));
    // The times of a stand-in are those of its machine: whatever the gate finds, it must have compared them.
    expect([0, 1, 3, 4], done.output).toContain(done.code);
    expect(done.output).toContain('throughput_tok_per_s');
  });
});

describe('configs/', () => {
  const commented = ['configs', 'configs/sota'].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => join(folder, name)),
  );
  /** Commands in the comments: indented lines of their own, and those between backquotes. */
  const commandsOf = (path: string): string[] => {
    const text = readFileSync(path, 'utf8').replaceAll(/ \\\n# +/g, ' ');
    const lines = [...text.matchAll(/^# {2,}(bench .*)$/gm)].map(([, line = '']) => line);
    const spans = [...text.matchAll(/`((?:autotune_run|sota_compare) [^`]+)`/g)].map(
      ([, call = '']) => `profile-and-optimize ${call.replace(/\s*\n#\s*/g, ' ')} --dry-run`,
    );
    return [...lines, ...spans];
  };

  it.each(commented.flatMap((path) => commandsOf(path).map((command) => [path, command] as const)))(
    '%s shows a command that runs: %s',
    async (_, command) => {
      await expectToRun(command.replace('--trials 10', '--trials 2'), await makeSandbox());
    },
  );
});

describe('the workflow templates', () => {
  it('autotune: the tuning step and the step that shows the suggestions run', async () => {
    const sandbox = await makeSandbox();
    const path = '.github/workflows/autotune.yml';
    const text = readFileSync(path, 'utf8');
    const workflow = await parseYaml(text, path);
    const jobs = isJsonObject(workflow) && isJsonObject(workflow['jobs']) ? workflow['jobs'] : {};
    const job = isJsonObject(jobs['autotune']) ? jobs['autotune'] : {};
    const steps = Array.isArray(job['steps']) ? job['steps'].filter(isJsonObject) : [];
    const wanted = steps.filter(({ name }) => name === 'Tune' || name === 'Show the suggestions');
    expect(wanted).toHaveLength(2);
    const env = { TUNE_CONFIG: 'configs/autotune-example.yaml', TUNE_BUDGET: '20', GITHUB_STEP_SUMMARY: 'summary.md' };
    for (const { run } of wanted) {
      const done = await sandbox.run(String(run), env);
      expect(done.code, done.output).toBe(0);
    }
    expect(readFileSync(join(sandbox.folder, 'summary.md'), 'utf8')).toContain('training_512');
  });
});
