// What the names of numbers say: a table of names that tools write, beside the rules that hold for names nobody has seen.
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factsOfName } from '../../src/metrics/name-facts.ts';

const said = (name: string): string => {
  const { kind, direction } = factsOfName(name);
  return kind === 'metric' ? (direction ?? 'open').replace('-is-better', '') : kind;
};

describe('which way is better', () => {
  it.each([
    ['prefill_speed_tok_s', 'higher'],
    ['images_s', 'higher'],
    ['diskReadMBps', 'higher'],
    ['disk_read_mb_s', 'higher'],
    ['queriesPerHour', 'higher'],
    ['Tput (tok/s)', 'higher'],
    ['TFLOPS', 'higher'],
    ['samples_ts', 'higher'],
    ['spec_acceptance_rate', 'higher'],
    ['uptime_s', 'higher'],
    ['time_to_failure', 'higher'],
    ['sol_pct', 'higher'],
    ['pass_at_1', 'higher'],
    ['exact_match', 'higher'],
    ['memory_bandwidth_utilization', 'higher'],
    ['tokens_per_joule', 'higher'],
    ['meanTPOT', 'lower'],
    ['latencyMs', 'lower'],
    ['P99 TTFT (ms)', 'lower'],
    ['lat[ms]', 'lower'],
    ['Average Latency (microseconds)', 'lower'],
    ['warm_start_ms', 'lower'],
    ['end_to_end_time_s', 'lower'],
    ['normalized_time_per_output_token', 'lower'],
    ['us_per_call', 'lower'],
    ['step_s', 'lower'],
    ['errors_per_s', 'lower'],
    ['preemptions_per_min', 'lower'],
    ['cache_miss_rate', 'lower'],
    ['retries', 'lower'],
    ['dollars_per_hour', 'lower'],
    ['usd_per_1m_tokens', 'lower'],
    ['gmem', 'lower'],
    ['queue_length', 'lower'],
    ['word_error_rate', 'lower'],
    ['gpu_temperature_c', 'open'],
    ['power_w', 'open'],
    ['sm_occupancy', 'open'],
    ['sm_clock_mhz', 'open'],
    ['throughput_vs_latency', 'open'],
    ['latency_delta_ms', 'open'],
    ['p50', 'open'],
    ['no_idea', 'open'],
  ])('%s: %s', (name, direction) => expect(said(name)).toBe(direction));

  it.each([
    ['bandwidth_drop', 'lower'],
    ['frame_drop_rate', 'lower'],
    ['latency_reduction_pct', 'higher'],
    ['validation_loss', 'lower'],
    ['packet_loss', 'lower'],
    ['quality_loss_pct', 'lower'],
    ['deadline_misses', 'lower'],
    ['ttft_slo_violations', 'lower'],
    ['tokens_saved', 'higher'],
    ['cost_saved_usd', 'higher'],
    ['free_memory_gb', 'higher'],
    ['bubble_free_ratio', 'higher'],
    ['non_error_rate', 'higher'],
    ['speedup_vs_baseline', 'higher'],
    ['parallel_efficiency', 'higher'],
    ['ttft_overhead_ms', 'lower'],
    ['latency_improvement_pct', 'higher'],
  ])('a word may turn it: %s: %s', (name, direction) => expect(said(name)).toBe(direction));
});

describe('what is no measurement', () => {
  it.each([
    ['n_gpu_layers', 'setting'],
    ['max_num_seqs', 'setting'],
    ['max_retries', 'setting'],
    ['retry_timeout_s', 'setting'],
    ['error_threshold', 'setting'],
    ['accuracy_target', 'setting'],
    ['avg_input_length', 'setting'],
    ['kv_cache_percentage', 'setting'],
    ['requested_rate', 'setting'],
    ['learning_rate', 'setting'],
    ['sampling_interval_ms', 'setting'],
    ['batch_size', 'setting'],
    ['total_output_tokens', 'count'],
    ['request_count', 'count'],
    ['eval_count', 'count'],
    ['Total # of tokens', 'count'],
    ['ci_low', 'spread'],
    ['t_critical', 'spread'],
    ['score_error', 'spread'],
    ['tpot_std_dev', 'spread'],
    ['ci95_width', 'spread'],
    ['run_id', 'identity'],
    ['createdAt', 'identity'],
    ['min_request_timestamp_ns', 'identity'],
    ['git_commit', 'identity'],
    ['throughput_over_time', 'series'],
    ['latency_histogram', 'series'],
  ])('%s is a %s', (name, kind) => expect(said(name)).toBe(kind));

  it.each([
    'moe_layer_ms',
    'ci_run_time_s',
    'restart_us',
    'date_parse_ms',
    'cold_start_ms',
    'max_latency_ms',
    'timeout_rate',
  ])('%s is one all the same', (name) => expect(factsOfName(name).kind).toBe('metric'));
});

describe('the unit in a name', () => {
  it.each([
    ['ttft_p50_ms', 'ms'],
    ['p99LatencyMicros', 'us'],
    ['throughput_tok_per_s', 'tok/s'],
    ['busbw_gb_per_s', 'GB/s'],
    ['read_mib_s', 'MiB/s'],
    ['requests_per_minute', 'req/min'],
    ['kernel_class_gpu_pct', '%'],
    ['output_tps_per_gpu', 'tok/s/GPU'],
    ['output_throughput_per_user_tok_s', 'tok/s/user'],
    ['joules_per_token', 'J/tok'],
    ['latency_ms_p99', 'ms'],
    ['items_per_s', null],
    ['gbps', null],
    ['forms', null],
    ['b', null],
  ])('%s: %s', (name, unit) => expect(factsOfName(name).unit).toBe(unit));
});

describe('a rate of work done is a headline', () => {
  it.each([
    ['req_per_s', true],
    ['output_tokens_per_second', true],
    ['busbw', true],
    ['handle_avg_rps', true],
    ['max_output_tokens_per_s', false],
    ['tps_per_user', false],
    ['p99_throughput', false],
    ['algbw', false],
    ['throughput_drop', false],
    ['errors_per_s', false],
    ['request_rate', false],
    ['ttft_p50_ms', false],
  ])('%s: %s', (name, headline) => expect(factsOfName(name).headline).toBe(headline));
});

describe('laws', () => {
  const nouns = fc.constantFrom('decode', 'prefill', 'zorp', 'attn_kernel', 'layer_3', 'my_app');
  const statistics = fc.constantFrom('mean', 'avg', 'p50', 'p99', 'median');
  const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

  it('any unit of time after a name nobody knows makes a time, any work per time a rate', () => {
    const times = fc.constantFrom('ms', 'us', 'ns', 'seconds', 'secs', 's');
    const rates = fc.constantFrom(
      'tok_s',
      'tokens_per_second',
      'req_s',
      'requests_per_sec',
      'gb_s',
      'images_per_min',
      'it_per_s',
    );
    fc.assert(
      fc.property(nouns, statistics, times, rates, (noun, statistic, time, rate) => {
        expect(said(`${noun}_${time}`)).toBe('lower');
        expect(said(`${noun}_${statistic}_${time}`)).toBe('lower');
        expect(said(`${statistic}_${noun}_${rate}`)).toBe('higher');
      }),
    );
  });

  it('spelling, case and the statistic do not change what a name says', () => {
    const bases = fc.constantFrom(
      'ttft_ms',
      'request_throughput',
      'cache_hit_rate',
      'error_rate',
      'step_time',
      'power_w',
    );
    fc.assert(
      fc.property(bases, statistics, (base, statistic) => {
        for (const name of [
          `${statistic}_${base}`,
          camel(`${statistic}_${base}`),
          `${statistic} ${base}`.toUpperCase(),
        ])
          expect([name, said(name)]).toEqual([name, said(base)]);
      }),
    );
  });

  it('what a name says does not depend on the names asked before', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-zA-Z_0-9 ./()]{0,40}$/), { maxLength: 20 }), (names) => {
        const first = names.map((name) => said(name));
        expect(names.map((name) => said(name))).toEqual(first);
      }),
    );
  });
});

interface NamedCase {
  readonly name: string;
  readonly direction: string;
  readonly unit: string | null;
}

const CASES = '../shared/cases/metric-names.json';
describe.skipIf(!existsSync(CASES))(`usual names (skipped without ${CASES})`, () => {
  const cases: readonly NamedCase[] = existsSync(CASES) ? JSON.parse(readFileSync(CASES, 'utf8')) : [];
  it('all say what they should', () => {
    for (const { name, direction, unit } of cases) {
      const facts = factsOfName(name);
      expect([name, facts.kind === 'metric' ? said(name) : 'not-a-metric']).toEqual([name, direction]);
      if (unit !== null) expect([name, facts.unit]).toEqual([name, unit]);
    }
  });
});
