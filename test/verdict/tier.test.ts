import { describe, expect, it } from 'vitest';
import { compareContexts } from '../../src/verdict/context-match.ts';
import { type DiffFacts, type Evidence, diffTier, recordTier } from '../../src/verdict/tier.ts';
import { ATTESTED_FACTS } from '../../src/metrics/attested.ts';
import type { Context } from '../../src/metrics/context.ts';
import type { Trial } from '../../src/metrics/trial.ts';
import type { Decision } from '../../src/verdict/decision.ts';

const CONTEXT: Context = {
  n_gpus: 8,
  cache_mode: 'cold',
  concurrency: 16,
  num_prompts: 64,
  production_representative: true,
  gpu_uuids: ['GPU-1'],
};

const trial = (index: number, more: Partial<Trial> = {}): Trial => ({
  index,
  block: null,
  started_at: null,
  replicate_level: 'process',
  values: {},
  validity: [],
  gpu_uuids: ['GPU-1'],
  ...more,
});

const trials = (more: Partial<Trial> = {}): Trial[] => [0, 1, 2, 3, 4].map((index) => trial(index, more));

const TPOT = { key: 'tpot_p50_ms[concurrency=16]', unit: 'ms' };
const THROUGHPUT = { key: 'throughput_tok_per_s', unit: 'tok/s' };
const PASS: Decision = {
  status: 'PASS',
  strength: null,
  basis: 'interval',
  rule: 'V8',
  failed: [],
  suspect: [],
  open: [],
  reason: 'equivalent',
  trials_needed: null,
  mde: 0.02,
};

const diff = (
  more: Partial<DiffFacts> = {},
  baseline: Evidence = { context: CONTEXT, trials: trials() },
  candidate = baseline,
) =>
  diffTier({
    decision: PASS,
    metrics: [THROUGHPUT],
    baseline,
    candidate,
    context: compareContexts(baseline.context, candidate.context),
    namedBaseline: true,
    ...more,
  });

describe('tier of a comparison', () => {
  it('is VERDICT when nothing is missing', () => {
    expect(diff()).toEqual({ tier: 'VERDICT', tier_missing: [] });
    expect(diff({ decision: { ...PASS, status: 'FAIL', strength: 'proven' } }).tier).toBe('VERDICT');
  });

  it.each<[string, Partial<DiffFacts>]>([
    ['decision_inconclusive', { decision: { ...PASS, status: 'INCONCLUSIVE' } }],
    ['decision_incomparable', { decision: { ...PASS, status: 'INCOMPARABLE' } }],
    ['decision_only_likely', { decision: { ...PASS, status: 'FAIL', strength: 'likely' } }],
    ['baseline_not_named', { namedBaseline: false }],
    ['headline_missing', { metrics: [] }],
    ['metric_not_isolated', { claim: 'decode' }],
    ['metric_not_isolated', { claim: 'decode', metrics: [TPOT, THROUGHPUT] }],
    ['metric_not_isolated', { claim: 'decode', metrics: [{ key: 'tpot_p99_ms', unit: 'ms' }] }],
    ['profile_missing', { claim: 'kernel' }],
  ])('misses %s with %j', (code, facts) => {
    expect(diff(facts)).toEqual({ tier: 'DRAFT', tier_missing: [code] });
  });

  it.each<[string, Partial<DiffFacts>]>([
    ['median TPOT', { claim: 'decode', metrics: [TPOT] }],
    ['median ITL', { claim: 'decode', metrics: [{ key: 'metrics.16.itl_p50_ms', unit: 'ms' }] }],
    ['median TPOT as another tool spells it', { claim: 'decode', metrics: [{ key: 'median_tpot_ms', unit: 'ms' }] }],
    ['a profile', { claim: 'kernel', hasProfile: true }],
  ])('accepts %s for what it can carry', (_, facts) => {
    expect(diff(facts).tier).toBe('VERDICT');
  });

  it.each<[string, Context]>([
    ['n_gpus_missing', { ...CONTEXT, n_gpus: null }],
    ['cache_state_missing', { ...CONTEXT, cache_mode: null }],
    ['not_production_representative', { ...CONTEXT, production_representative: null }],
    ['steady_window_undercount', { ...CONTEXT, num_prompts: 31 }],
  ])('misses %s when the context lacks it', (code, context) => {
    expect(diff({}, { context, trials: trials() }).tier_missing).toEqual([code]);
  });

  it.each(ATTESTED_FACTS)("takes nobody's word for %s", (fact) => {
    const side = { context: CONTEXT, trials: trials() };
    expect(diff({}, { ...side, attested: [fact] }, side).tier_missing).toEqual([`attested:${fact}`]);
  });

  it('reads warm and cold in the words of a regime', () => {
    const { cache_mode: _, ...context } = CONTEXT;
    const missing = (regime: string) => diff({}, { context: { ...context, regime }, trials: trials() }).tier_missing;
    expect(['cold start', 'Warm'].map(missing)).toEqual([[], []]);
    expect(['lukewarm', 'steady'].map(missing)).toEqual([['cache_state_missing'], ['cache_state_missing']]);
  });

  it('names validity as unwatched where nothing watched, not as attested', () => {
    const unwatched = {
      context: CONTEXT,
      trials: trials({ validity: ['no_telemetry'] }),
      attested: ['validity' as const],
    };
    expect(diff({}, unwatched).tier_missing).toEqual(['telemetry_missing']);
  });

  it('names a typed fact that is not there as missing, not as attested', () => {
    const untold = { context: { ...CONTEXT, n_gpus: null }, trials: trials(), attested: ['n_gpus' as const] };
    expect(diff({}, untold).tier_missing).toEqual(['n_gpus_missing']);
  });

  it('counts no rate from too few prompts, but leaves latencies alone', () => {
    const few = { context: { ...CONTEXT, num_prompts: 16 }, trials: trials() };
    expect(diff({ metrics: [TPOT] }, few).tier).toBe('VERDICT');
    const twice = { context: { ...CONTEXT, num_prompts: 32 }, trials: trials() };
    expect(diff({ metrics: [THROUGHPUT] }, twice).tier).toBe('VERDICT');
    for (const unit of ['tok/s/gpu', 'req/s'])
      expect(diff({ metrics: [{ key: 'rate', unit }] }, few).tier_missing).toEqual(['steady_window_undercount']);
  });

  it('takes no chunk for a token when the engine speculates', () => {
    const speculating = { context: { ...CONTEXT, spec_method: 'eagle3' }, trials: trials() };
    const itl = { claim: 'decode' as const, metrics: [{ key: 'itl_p50_ms', unit: 'ms' }] };
    expect(diff(itl, speculating).tier_missing).toEqual(['metric_not_isolated']);
    expect(diff({ claim: 'decode', metrics: [TPOT] }, speculating).tier).toBe('VERDICT');
  });

  it.each<[string[], readonly Trial[]]>([
    [['replicate_level_missing', 'validity_missing'], []],
    [['replicate_level_missing'], trials({ replicate_level: null })],
    [['window_replicates_only'], trials({ replicate_level: 'window' })],
    [['window_replicates_only'], trials({ replicate_level: 'request' })],
    [['telemetry_missing'], [...trials(), trial(5, { validity: ['no_telemetry'] })]],
    [[], [...trials({ gpu_uuids: ['GPU-1', 'GPU-2'] }), trial(5, { gpu_uuids: ['GPU-2', 'GPU-1'] })]],
    [['telemetry_missing'], trials({ validity: ['no_telemetry'] })],
    [['placement_differs'], [...trials(), trial(5, { gpu_uuids: ['GPU-2'] })]],
  ])('misses %j when the trials lack it', (codes, of) => {
    expect(diff({}, { context: CONTEXT, trials: of }).tier_missing).toEqual(codes);
  });

  it('lets trials move that are meant to be placements', () => {
    const placements = [
      trial(0, { replicate_level: 'placement' }),
      trial(1, { replicate_level: 'placement', gpu_uuids: ['GPU-2'] }),
    ];
    expect(diff({}, { context: CONTEXT, trials: placements }).tier).toBe('VERDICT');
  });

  it('misses a placement that nobody states, and takes GPUs from the trials', () => {
    const { gpu_uuids: _, ...context } = CONTEXT;
    expect(diff({}, { context, trials: trials({ gpu_uuids: null }) }).tier_missing).toEqual(['placement_missing']);
    expect(diff({}, { context, trials: trials() }).tier).toBe('VERDICT');
  });

  it('names the fields of a mismatch, another placement and another delivery', () => {
    const candidate = { context: { ...CONTEXT, tp: 4, gpu_uuids: ['GPU-9'], delivery: 'overlay' }, trials: trials() };
    const baseline = { context: { ...CONTEXT, tp: 8, delivery: 'image' }, trials: trials() };
    expect(diff({}, baseline, candidate).tier_missing).toEqual([
      'placement_differs',
      'context_mismatch:tp,delivery',
      'delivery_differs',
    ]);
  });
});

describe('tier of a record', () => {
  it('asks for three valid trials in place of a decision', () => {
    const of = (all: readonly Trial[]) => recordTier({ context: CONTEXT, trials: all }, { metrics: [THROUGHPUT] });
    expect(of(trials())).toEqual({ tier: 'VERDICT', tier_missing: [] });
    expect(of([trial(0), trial(1), trial(2, { validity: ['throttle'] })]).tier_missing).toEqual(['too_few_trials']);
  });

  it('is DRAFT for a bare number', () => {
    expect(recordTier({ context: {}, trials: [] }, { metrics: [THROUGHPUT] }).tier_missing).toEqual([
      'too_few_trials',
      'n_gpus_missing',
      'replicate_level_missing',
      'validity_missing',
      'cache_state_missing',
      'placement_missing',
      'not_production_representative',
    ]);
  });
});
