// What a shell offers while a command line is typed.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { MANIFEST } from '../../src/catalog/verbs.generated.ts';
import { completionsFor } from '../../src/cli/completion.ts';

const root = mkdtempSync(join(tmpdir(), 'completion-'));
for (const place of ['llama/serve', 'llama/decode', 'nccl/busbw'])
  mkdirSync(join(root, 'experiments/artifacts/perf-baselines', place), { recursive: true });
const campaigns = join(root, 'campaigns');
for (const name of ['glm-20260523T010203Z', 'kimi-20260523T010203Z'])
  mkdirSync(join(campaigns, name, 'cells'), { recursive: true });
const PLACES = { root, campaigns };
afterAll(() => rmSync(root, { recursive: true }));

const MAIN = { program: 'profile-and-optimize', prefix: '' };
const BENCH = { program: 'bench', prefix: 'bench_' };
const wordsFor = async (words: readonly string[], program = MAIN): Promise<readonly string[]> =>
  (await completionsFor(words, program, PLACES)).candidates.map(({ word }) => word);

describe('completion', () => {
  it('offers every verb, and the words that the program knows beside them', async () => {
    const words = await wordsFor(['']);
    for (const { name } of MANIFEST) expect(words).toContain(name);
    expect(words).toEqual(expect.arrayContaining(['completion', 'help', 'mcp', 'open']));
  });

  it.each([
    ['a verb', ['perf_baseline_d'], ['perf_baseline_diff']],
    ['a verb in kebab-case', ['perf-baseline-d'], ['perf-baseline-diff']],
    ['a flag', ['perf_baseline_diff', '--tolerance-a'], ['--tolerance-absolute']],
    ['a flag after a positional', ['perf_baseline_diff', 'llama/serve', '--strict-'], ['--strict-context']],
    ['a flag of the terminal', ['perf_baseline_list', '--cs'], ['--csv']],
    ['values of an enum', ['bench_diff', '--report', ''], ['table', 'json', 'markdown']],
    ['values of a list of an enum', ['perf_baseline_diff', '--fail-on', 'r'], ['red']],
    ['a value after an equals sign', ['bench_diff', '--report=ma'], ['markdown']],
    ['a value after an equals sign that bash has split off', ['bench_diff', '--report', '=', 'ma'], ['markdown']],
    ['colours', ['perf_baseline_list', '--color', ''], ['auto', 'always', 'never']],
    ['families', ['perf_baseline_record', '--family', ''], ['llama', 'nccl']],
    ['families as a positional', ['perf_baseline_list', 'l'], ['llama']],
    ['measurements of a family', ['perf_baseline_list', 'llama', ''], ['decode', 'serve']],
    ['measurements after --family', ['perf_baseline_record', '--family', 'nccl', '--measurement', ''], ['busbw']],
    ['addresses', ['perf_baseline_diff', 'llama/'], ['llama/decode', 'llama/serve']],
    ['addresses to open', ['open', 'nccl'], ['nccl/busbw']],
    ['campaigns', ['perf_tune_report_cell_run', '--campaign', 'g'], ['glm-20260523T010203Z']],
    ['campaigns as a positional', ['perf_tune_report_campaign_status', 'k'], ['kimi-20260523T010203Z']],
    ['campaigns to open', ['open', 'kimi'], ['kimi-20260523T010203Z']],
    ['verbs to help with', ['help', 'plan'], ['plan_trials']],
    ['shells', ['completion', ''], ['bash', 'zsh', 'fish']],
    ['nothing for a number', ['perf_baseline_diff', '--tolerance-percent', ''], []],
    ['nothing for a verb that is none', ['nonsense', '--x'], []],
  ])('offers %s', async (_, words, expected) => {
    expect(await wordsFor(words)).toEqual(expected);
  });

  it.each([
    ['a result file as a positional', ['perf_baseline_diff', 'llama/serve', 'res'], true],
    ['a path field', ['perf_baseline_diff', '--policy', ''], true],
    ['a verb', ['perf'], false],
    ['a flag', ['bench_diff', '--'], false],
    ['an enum', ['bench_diff', '--report', ''], false],
  ])('leaves names of files to the shell for %s: %j is %s', async (_, words, files) => {
    expect((await completionsFor(words, MAIN, PLACES)).files).toBe(files);
  });

  it('of bench offers its own short names', async () => {
    expect(await wordsFor(['di'], BENCH)).toEqual(['diff']);
    expect(await wordsFor(['diff', '--report', 'j'], BENCH)).toEqual(['json']);
  });
});
