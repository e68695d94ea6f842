// Which verb comes first for a task in words.
import { describe, expect, it } from 'vitest';
import { searchVerbs } from '../../src/catalog/search-verbs.ts';
import { parseToolset } from '../../src/catalog/toolset.ts';
import { MANIFEST } from '../../src/catalog/verbs.generated.ts';

const first = (query: string): string | undefined => searchVerbs(MANIFEST, query)[0]?.name;

describe('finding a verb', () => {
  it.each([
    ['compare two profiles', 'profile_profile_diff'],
    ['record a measurement', 'perf_baseline_record'],
    ['how many trials do I need', 'plan_trials'],
    ['benchmark a server endpoint', 'bench_run'],
    ['trend of a measurement', 'perf_baseline_trend'],
    ['nightly results folder', 'perf_baseline_sweep'],
    ['tune parameters', 'autotune_run'],
    ['cancel job', 'job_cancel'],
    ['pareto front', 'bench_compare'],
    ['export csv', 'bench_export'],
    ['tampered entries', 'perf_baseline_verify'],
    ['compare implementations vLLM SGLang', 'sota_compare'],
  ])('for %j starts with %s', (query, expected) => {
    expect(first(query)).toBe(expected);
  });

  it('gives one verb for its exact name, in snake_case or kebab-case', () => {
    expect(searchVerbs(MANIFEST, 'bench-diff').map(({ name }) => name)).toEqual(['bench_diff']);
  });

  it('gives nothing for words that no verb has', () => {
    expect(searchVerbs(MANIFEST, 'zebra')).toEqual([]);
  });
});

describe('a toolset', () => {
  it('joins the core with families, and reaches everything through the core', () => {
    const { listed, callable } = parseToolset('core,job');
    expect(listed.map(({ name }) => name)).toContain('job_list');
    expect(callable).toHaveLength(MANIFEST.length);
    expect(parseToolset('job').callable.map(({ name }) => name)).toEqual(['job_cancel', 'job_list', 'job_status']);
  });

  it('names the nearest for one that does not exist', () => {
    expect(() => parseToolset('cor')).toThrowError(/no toolset "cor"/);
  });
});
