// A root that holds a little of everything that a site shows, made by the verbs themselves on days of our choice: histories that hold,
// that got worse and that improved, repeats, tags, a superseded entry, a profile, comparisons, a campaign with a pick, and text that
// means harm.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { VerbContext } from '../../src/verb/context.ts';
import type { Verb } from '../../src/verb/define-verb.ts';
import { perfBaselineDiff } from '../../tools/baseline/perf-baseline-diff.ts';
import { perfBaselineRecord } from '../../tools/baseline/perf-baseline-record.ts';
import { perfBaselineTag } from '../../tools/baseline/perf-baseline-tag.ts';
import { atlasAggregate } from '../../tools/campaign/atlas-aggregate.ts';
import { campaignInit } from '../../tools/campaign/campaign-init.ts';
import { importBench } from '../../tools/campaign/import-bench.ts';
import { championSelect } from '../../tools/analysis/champion-select.ts';
import { profileProfileDiff } from '../../tools/profile/profile-profile-diff.ts';
import { CELL, serveBlock, writeTree } from '../campaign/bundles.ts';

const DAY = 86_400_000;
const FIRST = Date.UTC(2026, 9, 1, 3, 30);

/** A context in which it is that day, counted from the first. */
export const contextOn = (root: string, day: number): VerbContext => ({
  root,
  cwd: root,
  campaigns: join(root, 'campaigns'),
  env: { USER: 'ada', PATH: process.env['PATH'] },
  signal: new AbortController().signal,
  product: { name: 'profile-and-optimize', version: '0.1.0', sha: '0123456789abcdef0123456789abcdef01234567' },
  dryRun: false,
  foreground: false,
  textLimit: 1500,
  columns: Infinity,
  allRows: false,
  now: () => ({ epochMs: FIRST + day * DAY, micros: 0 }),
  path: (path) => resolve(root, path),
  pipes: {},
  progress: () => undefined,
  show: null,
  explore: null,
  productFolder: resolve('.'),
});

const run = (verb: Verb, input: Record<string, unknown>, root: string, day: number): Promise<Record<string, unknown>> =>
  verb.run(verb.input.parse(input), contextOn(root, day));

/** Text that ends attributes, elements and lines, calls a script, turns what is read around, and would be a formula. */
export const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(2)> '\u202e=cmd|x'!A1 javascript:alert(3) </style></svg>`;

/** Repeatable noise between -1 and 1. */
const wobble = (index: number): number => Math.sin(index * 12.9898) * 0.9;

const BUS = { model: null, hardware: 'NVIDIA B200', n_gpus: 8, node: 'node-7' };

const scalars = async (root: string): Promise<void> => {
  writeFileSync(join(root, 'busbw.json'), '{"busbw": 1}\n');
  for (let day = 0; day < 18; day += 1) {
    const level = day < 13 ? 720 : 655;
    const values = [0, 1, 2].map((index) => level + 2.5 * wobble(3 * day + index));
    await run(perfBaselineRecord, { family: 'b200', measurement: 'nccl_busbw', source: 'busbw.json', values, unit: 'GB/s', direction: 'higher-is-better', context: BUS, replicate_level: 'process', notes: day === 13 ? 'after the driver update' : '' }, root, day);
  }
  await run(perfBaselineTag, { entry: 'b200/nccl_busbw@latest', tag: 'golden' }, root, 18);
  await run(perfBaselineRecord, { family: 'b200', measurement: 'boot_s', value: 41, unit: 's' }, root, 2);
}; // prettier-ignore

const serving = async (root: string): Promise<void> => {
  const base = JSON.parse(readFileSync('examples/measurements/vllm-serve-baseline.json', 'utf8'));
  for (let day = 0; day < 12; day += 1) {
    const factor = 1 + 0.01 * wobble(day) - (day > 6 ? 0.12 : 0);
    const file = `serve-${day}.json`;
    const scaled = Object.entries(base).map(([key, value]) =>
      typeof value === 'number' && /(?:ttft|tpot|itl|e2el)_ms$|^duration$/.test(key) ? [key, value * factor] : typeof value === 'number' && /throughput$/.test(key) ? [key, value / factor] : [key, value],
    );
    writeFileSync(join(root, file), JSON.stringify(Object.fromEntries(scaled)));
    await run(perfBaselineRecord, { family: 'example_8b', measurement: 'vllm_serve', source: file, notes: day === 7 ? 'CUDA graphs for every batch size' : '' }, root, day);
  }
}; // prettier-ignore

const comparisons = async (root: string): Promise<void> => {
  const regressed = resolve('examples/measurements/vllm-serve-regressed.json');
  await run(perfBaselineDiff, { baseline: 'example_8b/vllm_serve@latest', current: regressed }, root, 12);
  await run(perfBaselineDiff, { baseline: 'example_8b/vllm_serve@latest', current: 'serve-11.json' }, root, 13);
  await run(perfBaselineDiff, { baseline: 'b200/nccl_busbw@20261001T033000000000Z', current_value: [655, 656, 654] }, root, 19);
}; // prettier-ignore

const KERNELS = (ns: number): string =>
  [
    'Time (%),Total Time (ns),Instances,Avg (ns),Med (ns),Min (ns),Max (ns),StdDev (ns),Name',
    `60.0,${ns * 20},20,${ns},${ns},${ns - 10},${ns + 10},5.0,nvjet_tst_128x256_64x4_2x1_v_bz_TNT`,
    '40.0,600000,20,30000,30000,29000,31000,50.0,"void vllm::rms_norm_kernel<c10::BFloat16>(c10::BFloat16*, int)"',
  ].join('\n');

const profiles = async (root: string): Promise<void> => {
  writeTree(root, { 'before/x_cuda_gpu_kern_sum.csv': KERNELS(400_000), 'after/x_cuda_gpu_kern_sum.csv': KERNELS(520_000) });
  await run(profileProfileDiff, { baseline: 'before', candidate: 'after' }, root, 14);
  await run(perfBaselineRecord, { family: 'example_8b', measurement: 'decode_profile', source: 'before/x_cuda_gpu_kern_sum.csv' }, root, 14);
  await run(perfBaselineDiff, { baseline: 'example_8b/decode_profile', current: 'after/x_cuda_gpu_kern_sum.csv' }, root, 15);
}; // prettier-ignore

/** A run whose requests take as long as its latencies say. */
const served = (load: number, tpot: number): string =>
  serveBlock({ requests: 40 * load, seconds: 40 * (0.1 + (511 * tpot) / 1000), tpot });

const campaign = async (root: string): Promise<void> => {
  writeTree(root, {
    'campaign.yaml': { name: 'Speculation on B200', experiment_id: 'spec-20261001T010203Z', cells: [CELL, { ...CELL, cell_id: 'mtp-k2', mtp: true }, { ...CELL, cell_id: 'mtp-k3', mtp: true }] },
    ...Object.fromEntries(
      [['base', 14], ['mtp-k2', 9]].flatMap(([cell, tpot]) =>
        [1, 2, 3].flatMap((trial) => [1, 8].map((load) => [`ab/${cell}/c${load}-t${trial}.txt`, served(load, Number(tpot) + load / 8 + trial / 20)])),
      ),
    ),
  });
  await run(campaignInit, { config: 'campaign.yaml' }, root, 3);
  await run(importBench, { campaign: 'spec-20261001T010203Z', bundle: 'ab' }, root, 4);
  await run(atlasAggregate, { campaign: 'spec-20261001T010203Z' }, root, 5);
  await run(championSelect, { campaign: 'spec-20261001T010203Z' }, root, 6);
}; // prettier-ignore

const hostile = async (root: string): Promise<void> => {
  const context = { model: HOSTILE, hardware: 'B200', node: '<b>node</b>' };
  writeFileSync(join(root, 'odd.json'), JSON.stringify({ [`ttft_ms ${HOSTILE}`]: 5, throughput: 7 }));
  await run(perfBaselineRecord, { family: 'odd', measurement: 'names', source: 'odd.json', context, notes: HOSTILE, team: HOSTILE, capture_command: `run ${HOSTILE}` }, root, 7);
  await run(perfBaselineRecord, { family: 'odd', measurement: 'number', value: 3, unit: HOSTILE.slice(0, 30), context, notes: HOSTILE }, root, 8);
}; // prettier-ignore

/** Makes all of it below `root`. */
export const makeRegistry = async (root: string): Promise<void> => {
  mkdirSync(root, { recursive: true });
  await scalars(root);
  await serving(root);
  await comparisons(root);
  await profiles(root);
  await campaign(root);
  await hostile(root);
};
