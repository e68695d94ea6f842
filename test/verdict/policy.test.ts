import { describe, expect, it } from 'vitest';
import { type PolicySources, createPolicy } from '../../src/verdict/policy.ts';
import { parsePolicy, tolerancesToRules } from '../../src/verdict/policy-file.ts';
import type { Direction } from '../../src/stats/direction.ts';
import { defaults, metricsYaml } from '../compare/sides.ts';

const about = (
  sources: PolicySources,
  name: string,
  unit: string | null = null,
  key = name,
  reader: Direction | null = null,
) => createPolicy(sources)({ name, key, unit, direction: reader });

describe('precedence', () => {
  const rule = (tolerance_percent: number) => [{ match: 'ttft_*', tolerance_percent }];
  const umbrella = { percent: 5 };

  it.each<[string, PolicySources, unknown]>([
    [
      'a rule with the call',
      { flags: rule(1), file: rule(2), document: rule(3), defaults: rule(4), umbrella },
      { percent: 1 },
    ],
    ['the policy file', { file: rule(2), document: rule(3), defaults: rule(4), umbrella }, { percent: 2 }],
    ['the known document', { document: rule(3), defaults: rule(4), umbrella }, { percent: 3 }],
    ['metrics.yaml, even when an umbrella tolerance is given', { defaults: rule(4), umbrella }, { percent: 4 }],
    ['the umbrella tolerance', { defaults: [], umbrella: { absolute: 7 } }, { absolute: 7 }],
    ['five percent', { defaults: [] }, { percent: 5 }],
  ])('%s decides the tolerance', (_, sources, tolerance) => {
    expect(about(sources, 'ttft_p50_ms').tolerance).toEqual(tolerance);
  });

  it.each<[string, PolicySources, Direction | null, string, string]>([
    ['the entry', { entryDirection: 'higher-is-better', defaults: metricsYaml }, null, 'higher-is-better', 'entry'],
    [
      'metrics.yaml',
      { defaults: [{ match: 'ttft*', direction: 'two-sided' }] },
      'higher-is-better',
      'two-sided',
      'metrics.yaml',
    ],
    ['the reader', { defaults: [] }, 'higher-is-better', 'higher-is-better', 'reader'],
    ['the catalogue', { defaults: metricsYaml }, null, 'lower-is-better', 'catalogue'],
    [
      'the document over an entry that says two-sided',
      { entryDirection: 'two-sided', document: [{ match: 'ttft*', direction: 'lower-is-better' }], defaults: [] },
      null,
      'lower-is-better',
      'document',
    ],
    [
      'a two-sided entry of an unknown document',
      { entryDirection: 'two-sided', defaults: metricsYaml },
      null,
      'two-sided',
      'entry',
    ],
  ])('%s decides the direction', (_, sources, reader, direction, source) => {
    const policy = about(sources, 'ttft_p50_ms', 'ms', 'ttft_p50_ms', reader);
    expect([policy.direction, policy.direction_source]).toEqual([direction, source]);
  });

  it('is two-sided where nobody decides', () => {
    expect(about({ defaults: metricsYaml }, 'no_idea')).toMatchObject({
      direction: 'two-sided',
      direction_source: 'default',
    });
  });

  it('takes what a rule leaves open from the next layer, and within a layer only the first rule', () => {
    const policy = about(
      {
        flags: [{ match: 'ttft_p50_ms', tolerance_percent: 1 }],
        file: [
          { match: '*', gating: true },
          { match: 'ttft*', headline: true },
        ],
        defaults: metricsYaml,
      },
      'ttft_p50_ms',
    );
    expect(policy).toMatchObject({
      direction: 'lower-is-better',
      tolerance: { percent: 1 },
      gating: true,
      headline: null,
    });
  });

  it('lets an absolute tolerance take the place of a percentage', () => {
    const both = [{ match: '*', tolerance_percent: 5, tolerance_absolute: 0.1 }];
    expect(about({ defaults: both }, 'x').tolerance).toEqual({ absolute: 0.1 });
  });
});

describe('matching', () => {
  const sources = (match: string): PolicySources => ({ flags: [{ match, tolerance_percent: 1 }], defaults: [] });
  it.each([
    ['ttft_p50_ms', 'ttft_p50_ms[concurrency=16]', true],
    ['ttft_p50_ms[concurrency=16]', 'ttft_p50_ms[concurrency=16]', true],
    ['ttft_p50_ms[concurrency=16]', 'ttft_p50_ms[concurrency=160]', false],
    ['*[concurrency=16*', 'ttft_p50_ms[concurrency=16,isl=1024]', true],
    ['ttft', 'ttft_p50_ms[concurrency=16]', false],
  ])('rule %s for %s: %s', (match, key, applies) => {
    const policy = about(sources(match), 'ttft_p50_ms', 'ms', key);
    expect(policy.tolerance).toEqual({ percent: applies ? 1 : 5 });
  });

  it.each([
    ['GB/s', 'higher-is-better'],
    ['gb/s', 'higher-is-better'],
    ['furlongs', 'two-sided'],
    [null, 'two-sided'],
  ])('limits a rule with a unit to that unit: %s is %s', (unit, direction) => {
    const rules = [{ match: '*', unit: 'GB/s', direction: 'higher-is-better' as const }];
    expect(about({ defaults: rules }, 'pair_0_1', unit).direction).toBe(direction);
  });

  it('shares one policy among metrics that match the same rules', () => {
    const policyFor = createPolicy(defaults);
    const of = (name: string) => policyFor({ name, key: name, unit: 'ms', direction: null });
    expect(of('cells.1.ttft_p50_ms')).toBe(of('cells.2.ttft_p90_ms'));
    expect(of('cells.1.ttft_p50_ms')).not.toBe(of('throughput_tok_per_s'));
  });
});

describe('configs/metrics.yaml and the catalogue', () => {
  it.each([
    ['ttft_p50_ms', 'lower-is-better', null],
    ['ttft_p99_ms', 'lower-is-better', null],
    ['tpot_mean_ms', 'lower-is-better', null],
    ['itl_p99_ms', 'lower-is-better', null],
    ['e2e_p95_ms', 'lower-is-better', null],
    ['total_p99_ms', 'lower-is-better', null],
    ['request_latency_p50_ms', 'lower-is-better', null],
    ['metrics.16.itl_p50_ms', 'lower-is-better', null],
    ['step_time', 'lower-is-better', null],
    ['duration_s', 'lower-is-better', null],
    ['throughput_tok_per_s', 'higher-is-better', 'class'],
    ['metrics.16.throughput_toks_per_s', 'higher-is-better', 'class'],
    ['output_tps_per_gpu', 'higher-is-better', 'class'],
    ['req_per_s', 'higher-is-better', 'class'],
    ['goodput_req_per_s', 'higher-is-better', 'class'],
    ['busbw_gb_per_s', 'higher-is-better', 'class'],
    ['nccl_busbw', 'higher-is-better', 'class'],
    ['output_tput_per_gpu', 'higher-is-better', 'class'],
    ['tput_per_gpu', 'higher-is-better', 'class'],
    ['output_sequence_length', 'two-sided', null],
    ['total_output_tokens', 'two-sided', null],
    ['throughput_gflops', 'higher-is-better', 'class'],
    ['algbw_gb_per_s', 'higher-is-better', null],
    ['tps_per_user', 'higher-is-better', null],
    ['output_tok_per_s_per_user', 'higher-is-better', null],
    ['max_output_tokens_per_s', 'higher-is-better', null],
    ['mfu', 'higher-is-better', null],
    ['joules_per_token', 'lower-is-better', null],
    ['cost_usd_per_million_tokens', 'lower-is-better', null],
    ['acceptance_length', 'higher-is-better', null],
    ['accuracy', 'higher-is-better', null],
    ['power_avg_w', 'two-sided', null],
    ['energy_joules_total', 'two-sided', null],
    ['request_rate', 'two-sided', null],
    ['title_length', 'two-sided', null],
    ['no_idea', 'two-sided', null],
  ])('%s is %s, headline %s', (name, direction, headline) => {
    expect(about(defaults, name)).toMatchObject({ direction, headline, ignore: false });
  });

  it.each([
    ['ok_rate', null, { percent: 0 }],
    ['compliance_rate', null, { absolute: 0.01 }],
    ['compliance_rate', '%', { absolute: 1 }],
    ['ttft_p99_ms', 'ms', { percent: 20 }],
    ['ttft_p95_ms', 'ms', { percent: 20 }],
    ['p99_ttft_ms', 'ms', { percent: 20 }],
    ['ttft_p99_9_ms', 'ms', { percent: 20 }],
    ['latency.p999', null, { percent: 20 }],
    ['P99 TTFT (ms)', 'ms', { percent: 20 }],
    ['ttft_p90_ms', 'ms', { percent: 5 }],
    ['tps_per_user_p1', 'tok/s/user', { percent: 20 }],
    ['tps_per_user_p10', 'tok/s/user', { percent: 5 }],
    ['energy_joules_total', 'J', { percent: 25 }],
    ['joules_per_token', 'J/tok', { percent: 5 }],
    ['errors', null, { absolute: 0 }],
    ['metrics.16.errors', null, { absolute: 0 }],
    ['prefix_cache_hit_rate_post', null, { absolute: 0.02 }],
    ['prefix_cache_hit_rate_post', '%', { absolute: 2 }],
    ['ttft_p50_ms', 'ms', { percent: 5 }],
    ['nccl_busbw', 'GB/s', { percent: 5 }],
  ])('%s in %s has tolerance %j under an umbrella of 5 percent', (name, unit, tolerance) => {
    expect(about({ ...defaults, umbrella: { percent: 5 } }, name, unit).tolerance).toEqual(tolerance);
  });

  it.each([
    ['step', 'ms', 'lower-is-better'],
    ['pair_0_1', 'GB/s', 'higher-is-better'],
    ['pair_0_1', 'TB/s', 'higher-is-better'],
    ['measured', 'tokens/s', 'higher-is-better'],
    ['measured', 'W', 'two-sided'],
  ])('where the name says nothing the unit does: %s in %s is %s', (name, unit, direction) => {
    expect(about(defaults, name, unit)).toMatchObject({ direction, headline: null });
  });

  it.each(['ttft_std_ms', 'std_ttft_ms', 'seed', 'start_timestamp', 'a.b.stddev'])('leaves out %s', (name) => {
    expect(about(defaults, name).ignore).toBe(true);
  });
});

describe('policy files', () => {
  it.each([
    ['- { match: x, tolerance_percnt: 3 }', 'policy_invalid', 'tolerance_percent', '[0]'],
    ['- { match: x, direction: up }', 'policy_invalid', 'correct', '[0].direction'],
    ['- { match: x, tolerance_percent: -1 }', 'policy_invalid', 'correct', '[0].tolerance_percent'],
    ['- { match: x, tolerance_percent: .inf }', 'policy_invalid', 'correct', '[0].tolerance_percent'],
    ['- { direction: two-sided }', 'policy_invalid', 'correct', '[0].match'],
    ['match: x', 'policy_invalid', 'the file', ''],
    ['- { match: x', 'yaml_syntax', 'YAML', '1:13'],
  ])('%j is refused as %s', async (text, code, fix, at) => {
    await expect(parsePolicy(text, 'p.yaml')).rejects.toMatchObject({
      code,
      details: { path: 'p.yaml', at, fix: expect.stringContaining(fix) },
    });
  });

  it('reads a rule as it is written', async () => {
    const text = "- { match: 'ttft*', unit: ms, tolerance_absolute: 3, gating: true }";
    expect(await parsePolicy(text, 'p.yaml')).toEqual([
      { match: 'ttft*', unit: 'ms', tolerance_absolute: 3, gating: true },
    ]);
  });
});

describe('tolerances given with the call', () => {
  it('become rules', () => {
    expect(tolerancesToRules({ 'ttft*': { percent: 3 }, hit_rate: { absolute: 0.02 } })).toEqual([
      { match: 'ttft*', tolerance_percent: 3 },
      { match: 'hit_rate', tolerance_absolute: 0.02 },
    ]);
  });

  it.each([[{}], [{ percent: 1, absolute: 1 }], [{ percent: -1 }], [{ absolute: Number.NaN }]])(
    '%j is refused',
    (given) => {
      expect(() => tolerancesToRules({ x: given })).toThrow(expect.objectContaining({ code: 'tolerance_invalid' }));
    },
  );
});
