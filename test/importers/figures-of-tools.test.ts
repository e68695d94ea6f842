// Figures that one tool alone reports: each is read under its name in the catalogue, with its value, unit and statistic.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CATALOGUE, type CatalogueEntry } from '../../src/metrics/catalogue.ts';
import { read } from './outcome.ts';

const readingOf = (name: string) =>
  read(readFileSync(new URL(`../fixtures/readings/${name}`, import.meta.url).pathname, 'utf8'), name);

test.each([
  ['input_tps_per_gpu', 'inferencex-one.json', 610],
  ['input_tps_per_prefill_gpu', 'inferencex-disaggregated.json', 610],
  ['output_tps_per_decode_gpu', 'inferencex-disaggregated.json', 600],
  ['completed_requests', 'sglang-serve-with-failures.jsonl', 160],
  ['decode_throughput_tok_per_s', 'sglang-one-batch-named.jsonl', 125],
  ['prefill_throughput_tok_per_s', 'sglang-one-batch-named.jsonl', 20480],
  ['generation_throughput_tok_per_s', 'inference_perfbench-everything.json', 1444],
  ['prefix_cache_hit_rate_pre', 'inference_perfbench-everything.json', 0.125],
  ['prefix_cache_hit_rate_post', 'inference_perfbench-everything.json', 0.5],
  ['gpu_cache_usage_peak', 'inference_perfbench-everything.json', 0.875],
  ['requests_running_peak', 'inference_perfbench-everything.json', 17],
  ['reasoning_mean_tokens', 'profile_export_aiperf-everything.json', 128],
  ['acceptance_length', 'vllm-serve-with-everything.json', 2.75],
  ['spec_accept_rate', 'vllm-serve-with-everything.json', 0.625],
  ['peak_throughput_tok_per_s', 'vllm-serve-with-everything.json', 2304],
  ['power_mean_w', 'envelope-with-trials.json', 650],
  ['power_avg_w', 'envelope-with-trials.json', 640],
  ['power_peak_w', 'envelope-with-trials.json', 700],
  ['energy_joules_total', 'envelope-with-trials.json', 900],
  ['cost_usd_per_million_tokens', 'envelope-with-trials.json', 0.75],
])('%s of %s', async (name, file, value) => {
  const { metrics } = await readingOf(file);
  const entry: CatalogueEntry | undefined = Object.values(CATALOGUE).find((each) => each.name === name);
  expect(metrics.find((metric) => metric.name === name)).toMatchObject({
    value,
    unit: entry?.unit,
    direction: entry?.direction,
    statistic: entry?.statistic ?? null,
  });
});
