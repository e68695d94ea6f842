// Captures of a real H100: what was changed between the two programs is known, and the diff must name it.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { diffProfiles } from '../../src/profile/diff-profiles.ts';
import type { ProfileDiff } from '../../src/profile/diff/profile-diff-schema.ts';
import { readProfile } from '../../src/profile/read/read-profile.ts';

const capture = (name: string): string => join(import.meta.dirname, '../fixtures/profile/h100', name);

const diffOf = async (before: string, after: string): Promise<ProfileDiff> => {
  const read = (name: string) => readProfile([capture(name)], { cacheDir: '/nonexistent' });
  return diffProfiles([await read(before)], [await read(after)]);
};

const rowOf = (diff: ProfileDiff, short: string) => diff.kernels.find(({ short_name }) => short_name === short);

describe('bank conflicts in a matrix product, recorded by nsys', () => {
  test('name the kernel, its time per call and the launch that changed', async () => {
    const diff = await diffOf('sgemm-before.sqlite', 'sgemm-after.sqlite');
    expect(diff.verdict).toBe('RED');
    expect(diff.first_line).toContain('sgemm_tile takes 40.8% longer per call (304.190 us -> 428.276 us)');
    expect(diff.first_line).toContain('its launch changed (shared_memory)');
    expect(rowOf(diff, 'sgemm_tile')).toMatchObject({
      adverse: true,
      count_effect_ns: 0,
      per_call_effect_ns: 6_204_335,
    });
    expect(rowOf(diff, 'scale')).toMatchObject({ adverse: false, per_call_effect_ns: -33 });
  });

  test('the other way round is an improvement, and nothing is adverse', async () => {
    const diff = await diffOf('sgemm-after.sqlite', 'sgemm-before.sqlite');
    expect(diff.verdict).toBe('GREEN');
    expect(diff.adverse).toEqual([]);
  });
});

describe('the same programs under ncu 2025.3, units as it prints them by default', () => {
  test('the raw page has each launch with its time', async () => {
    const diff = await diffOf('sgemm-before-raw.csv', 'sgemm-after-raw.csv');
    expect(diff.verdict).toBe('YELLOW');
    expect(diff.first_line).toMatch(
      /^YELLOW for gemm: sgemm_tile takes 38\.3% longer per call \(389\.888 us -> 539\.168 us\)/,
    );
    expect(rowOf(diff, 'sgemm_tile')).toMatchObject({
      q: null,
      baseline: { calls: 2, mean_ns: 389_888 },
      candidate: { calls: 2, mean_ns: 539_168 },
    });
  });

  test('the details page agrees with the raw page as far as it shows digits', async () => {
    const diff = await diffOf('sgemm-before-raw.csv', 'sgemm-before-details.csv');
    expect(diff.verdict).toBe('GREEN');
    expect(Math.abs(rowOf(diff, 'sgemm_tile')?.per_call_effect_ns ?? NaN)).toBeLessThan(10);
  });
});

describe('a norm that fell apart into many kernels, recorded by torch', () => {
  const unfused = () => diffOf('decode-fused-norm.trace.json.gz', 'decode-unfused-norm.trace.json.gz');

  test('is RED by the time per step, which the parts add up to', async () => {
    const { verdict, headline, step } = await unfused();
    expect(verdict).toBe('RED');
    expect(headline).toMatchObject({ basis: 'step', unit: 'step', baseline_units: 8, candidate_units: 8 });
    expect(headline.change_pct).toBeCloseTo(68.2, 1);
    expect(step?.exposed_launch_ns).toBeGreaterThan(2e6);
  });

  test('is explained by the idle time that the launches cost, not by the small time of the new kernels', async () => {
    expect((await unfused()).first_line).toMatch(
      /^RED for GPU idle time: the GPU is idle \d\.\d+ ms longer per step; its host launches 94% more kernels: new unrolled_elementwise_kernel and \d+ more instead of vectorized_layer_norm_kernel; time per step /,
    );
  });

  test('shows the fused kernel gone and those that took its place, and leaves the matrix products alone', async () => {
    const diff = await unfused();
    expect(rowOf(diff, 'vectorized_layer_norm_kernel')).toMatchObject({ class: 'removed', baseline: { calls: 256 } });
    const added = diff.kernels.filter((row) => row.class === 'new').map((row) => row.candidate.calls);
    expect(added.reduce((sum, calls) => sum + calls, 0)).toBe(2816);
    const products = diff.kernels.filter((row) => row.bucket === 'gemm');
    expect(products.length).toBeGreaterThan(3);
    expect(products.filter((row) => row.adverse)).toEqual([]);
  });

  test('the other way round is a gain: what replaced what is said, and there is nothing to undo', async () => {
    const diff = await diffOf('decode-unfused-norm.trace.json.gz', 'decode-fused-norm.trace.json.gz');
    expect(diff.first_line).toMatch(
      /^GREEN[^:]*: new vectorized_layer_norm_kernel instead of unrolled_elementwise_kernel and \d+ more: \d+\.\d+ us less GPU time per step; .*time per step -40\.5%/,
    );
    expect(diff.next_lever.lever).not.toMatch(/new kernels/);
  });

  test('the same program against itself is GREEN', async () => {
    const diff = await diffOf('decode-fused-norm.trace.json.gz', 'decode-fused-norm.trace.json.gz');
    expect(diff.verdict).toBe('GREEN');
  });
});
