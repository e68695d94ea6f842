// What the command line prints as the next call works when a shell runs it as it stands: names with blanks and quotes, the words of
// the program that was called, the campaigns folder of the call.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CELL, NSYS, serveBlock, writeTree } from '../campaign/bundles.ts';
import { EXAMPLES, freshRoot, removeRoot } from './connect.ts';

const PROGRAMS = ['profile-and-optimize', 'bench', 'perftunereport'];
const ODD = "sp ace/a'b $x.json";
const IMPORT = 'perftunereport import_variant_ab --campaign other --campaigns-dir "sp ace/camps" --bundle ab';

let root: string;
let bin: string;

beforeAll(() => {
  root = freshRoot();
  bin = join(root, 'bin');
  mkdirSync(bin);
  for (const program of PROGRAMS) {
    writeFileSync(join(bin, program), `#!/bin/sh\nexec '${process.execPath}' '${resolve('dist', program)}.mjs' "$@"\n`);
    chmodSync(join(bin, program), 0o755);
  }
  for (const name of ['vllm-serve-baseline.json', 'vllm-serve-regressed.json'])
    copyFileSync(join(EXAMPLES, name), join(root, name));
  mkdirSync(join(root, 'sp ace'));
  copyFileSync(join(EXAMPLES, 'vllm-serve-baseline.json'), join(root, ODD));
  writeTree(join(root, 'captures'), NSYS);
  writeTree(root, {
    'campaign.yaml': { name: 'A/B', cells: [CELL] },
    'ab/base/c8-t1.txt': serveBlock({ requests: 80, seconds: 40 }),
    'ab/base/result.json': { tp: 8, warm: true, engine: 'vllm' },
    'one/x-c8.txt': serveBlock({ requests: 80, seconds: 40 }),
    'nightly/llama/empty.txt': serveBlock({ requests: 0, seconds: 10 }),
    'nightly/llama/new.txt': serveBlock({ requests: 80, seconds: 40 }),
  });
});
afterAll(() => removeRoot(root));

const shell = (line: string) => {
  const env = {
    PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    HOME: root,
    PROFILE_AND_OPTIMIZE_REPO_ROOT: root,
  };
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: root, env, encoding: 'utf8' });
  return { status, text: `${stdout}${stderr}` };
};

const stepsIn = (text: string): string[] => [...text.matchAll(/^(?:next|or): (.*)$/gm)].map(([, line = '']) => line);

/** The steps that are printed, and theirs, as far as three calls away. */
const walk = (line: string, depth = 0): string[] => {
  const { status, text } = shell(line);
  expect({ line, status, text }).toMatchObject({ status: 0 });
  return depth === 3 ? [line] : [line, ...stepsIn(text).flatMap((step) => walk(step, depth + 1))];
};

describe('the next call as it is printed', () => {
  it.each([
    [`profile-and-optimize perf_baseline_record --family sp --measurement ace "sp ace/a'b \\$x.json" --dry-run`, 4],
    [`profile-and-optimize perf_baseline_diff sp/ace "sp ace/a'b \\$x.json" --dry-run`, 2],
    [`bench diff "sp ace/a'b \\$x.json" vllm-serve-regressed.json`, 2],
    ['profile-and-optimize profile_profile_diff captures/nsys/*.csv captures/nsys/*.csv', 2],
    ['perftunereport campaign_init campaign.yaml --experiment-id other-20260523T010203Z --campaigns-dir "sp ace/camps"', 2],
    [`${IMPORT} --dry-run`, 4],
    ['perftunereport campaign_status other --campaigns-dir "sp ace/camps"', 1],
  ])('after %s', (line, calls) => {
    expect(walk(line).length).toBeGreaterThanOrEqual(calls);
  }); // prettier-ignore

  it('after a sweep is never the recording of a result that holds no measurement', () => {
    const { text } = shell('profile-and-optimize perf_baseline_sweep nightly');
    expect(text).toContain('no_measurement');
    const steps = stepsIn(text);
    expect(steps).toEqual([expect.stringContaining('--measurement new --source')]);
    expect(shell(steps[0] ?? '')).toMatchObject({ status: 0 });
  });
});

describe('a campaign by its name', () => {
  it('is opened at its summary, also by the slug that it was begun with', () => {
    shell('perftunereport campaign_init campaign.yaml --experiment-id third-20260523T010203Z');
    for (const name of ['a-b', 'third', 'third-20260523T010203Z'])
      expect(shell(`perftunereport open ${name}`)).toMatchObject({
        status: 0,
        text: expect.stringContaining(join(root, 'campaigns/third-20260523T010203Z/summary.md')),
      });
  });

  it('is found by the link that an answer has, below a root that is one too', () => {
    const { text } = shell('perftunereport campaign_init campaign.yaml --experiment-id uri-20260523T010203Z --json');
    const folder = String(JSON.parse(text).campaign_dir);
    const line = `perftunereport campaign_status ${pathToFileURL(folder).href} --repo-root ${pathToFileURL(root).href}`;
    expect(shell(line)).toMatchObject({ status: 0, text: expect.stringContaining(`not done: ${folder}`) });
    expect(shell(`perftunereport open ${pathToFileURL(folder).href}`).text).toContain(join(folder, 'summary.md'));
  });

  it.each([
    ['a field, as its flag', 'name another root with --repo-root', 'profile-and-optimize job_status'],
    ['no file, folder, entry or campaign', 'open_not_found', "perftunereport open 'no such'"],
    ['a cell that no folder can be named', 'unsafe_segment', "perftunereport import_bench --campaign third --bundle ab --cell-id 'ünï 模型'"],
    ['a cell that leads elsewhere', 'unsafe_segment', 'perftunereport import_bench --campaign third --bundle ab --cell-id ../x'],
    ['a cell that is a device on Windows', 'name_not_portable', 'perftunereport import_bench --campaign third --bundle one --tensor-parallel 8 --hardware B200 --quant NVFP4 --model m --cell-id CON'],
    ['a cell that differs by case alone', 'name_differs_by_case', 'perftunereport import_nsys --campaign other --campaigns-dir "sp ace/camps" --bundle captures --cell-id BASE --new-cell'],
    ['sizes that no row can hold', 'row_invalid', 'perftunereport import_bench --campaign third --bundle ab --tensor-parallel 1000000000000000 --data-parallel 1000'],
    ['words that belong to flags', 'name the flag it belongs to: --family, --measurement', 'profile-and-optimize perf_baseline_record llama serve x.json'],
  ])('is refused where it is %s: %s', (_, says, line) => {
    expect(shell(line)).toMatchObject({ status: 2, text: expect.stringContaining(says) });
  }); // prettier-ignore
});

describe('what sisters have in common', () => {
  const json = (line: string) => JSON.parse(shell(`${line} --json`).text);

  it('is a verdict and a summary in words', () => {
    shell('profile-and-optimize perf_baseline_record --family twin --measurement serve vllm-serve-baseline.json');
    for (const line of [
      'bench diff vllm-serve-baseline.json vllm-serve-regressed.json',
      'profile-and-optimize perf_baseline_diff twin/serve vllm-serve-regressed.json',
    ])
      expect(json(line), line).toMatchObject({ verdict: 'RED', summary: expect.any(String) });
  });

  it('a lone value is recorded without a file, and listed with its number by hardware, model, unit and tag', () => {
    const context = `'{"hardware": "B200", "model": "org/m"}'`;
    shell(
      `profile-and-optimize perf_baseline_record --family lone --measurement itl --value 44.1 --unit ms --context ${context}`,
    );
    shell('profile-and-optimize perf_baseline_tag lone/itl gold');
    for (const filter of ['--hardware b200', '--model ORG/M', '--unit ms', '--tag gold'])
      expect(shell(`profile-and-optimize perf_baseline_list ${filter}`).text, filter).toMatch(/^lone\/itl: 44\.1 ms/m);
    expect(shell('profile-and-optimize perf_baseline_list --hardware H100').text).toMatch(/^0 measurements/);
  });
});
