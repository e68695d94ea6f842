import { describe, expect, test } from 'vitest';
import { diffProfiles } from '../../../src/profile/diff-profiles.ts';
import { compareCaptureContexts } from '../../../src/profile/diff/capture-context.ts';
import { EMPTY_SIDE } from '../../../src/profile/inputs/side-parts.ts';
import type { ProfileSide } from '../../../src/profile/model/profile-side.ts';

const capture = (gpuName: string | null, driver: string | null): ProfileSide => ({
  ...EMPTY_SIDE,
  format: 'nsys-sqlite',
  sources: [],
  ranks: [{ label: 'rank 0', host: null, pid: null, device: 0, gpuUuid: null, gpuName }],
  facts: { ...EMPTY_SIDE.facts, driver },
});

const H100 = capture('NVIDIA H100 80GB HBM3', '550.54');

describe('the conditions of two captures', () => {
  test.each([
    ['the same', H100, []],
    ['the same GPU, spelled otherwise', capture('nvidia h100 80gb hbm3 ', '550.54'), []],
    ['another GPU', capture('NVIDIA H200', '550.54'), ['hardware']],
    ['another driver', capture('NVIDIA H100 80GB HBM3', '570.10'), ['driver']],
    ['both', capture('NVIDIA B200', '570.10'), ['hardware', 'driver']],
    ['unknown on one side', capture(null, null), []],
  ])('%s', (_, candidate, fields) => {
    const { mismatches } = compareCaptureContexts([H100], [candidate]);
    expect(mismatches.map(({ field }) => field)).toEqual(fields);
  });

  test('the order of captures makes no difference', () => {
    const H200 = capture('NVIDIA H200', '570.10');
    expect(compareCaptureContexts([H100, H200], [H200, H100]).mismatches).toEqual([]);
    expect(compareCaptureContexts([H100, H200], [H200]).mismatches.map(({ field }) => field)).toEqual([
      'hardware',
      'driver',
    ]);
  });

  test('a difference is the first warning of the diff, and none where it was declared', () => {
    const other = capture('NVIDIA H200', '550.54');
    const [first] = diffProfiles([H100], [other]).warnings.filter((warning) => !warning.startsWith('not comparable'));
    expect(first).toMatch(/^CONTEXT MISMATCH outside the declared axis: hardware/);
    expect(diffProfiles([H100], [other], { axis: ['hardware'] }).warnings.join()).not.toContain('MISMATCH');
  });
});
