// Which calls are worked on in a thread of their own: those that read much, dry runs of jobs too, and no job itself, whose processes
// stay where signals reach them.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { perfBaselineSweep } from '../../tools/baseline/perf-baseline-sweep.ts';
import { perfBaselineTrend } from '../../tools/baseline/perf-baseline-trend.ts';
import { planTrials } from '../../tools/baseline/plan-trials.ts';
import { ratchetCheck } from '../../tools/ratchet/ratchet-check.ts';
import { ratchetProfile } from '../../tools/ratchet/ratchet-profile.ts';
import { readsMeasurement, readsResultsOfEntries } from '../../src/registry/entry-paths.ts';
import { defineVerb, pathField, type Verb } from '../../src/verb/define-verb.ts';
import { reads, updates } from '../../src/verb/path-use.ts';
import { runInThread } from '../../src/verb/run-in-thread.ts';
import { runVerb } from '../../src/verb/run-verb.ts';
import { HEAVY_BYTES } from '../../src/verb/weight.ts';
import { scratchFolder } from '../fs/scratch.ts';
import { entryOf } from './entry-of.ts';

vi.mock('../../src/verb/run-in-thread.ts', () => ({ runInThread: vi.fn() }));
beforeEach(() => {
  vi.mocked(runInThread).mockReset().mockResolvedValue({ by: 'thread' });
});

const root = scratchFolder('heavy-work');
writeFileSync(join(root, 'large.json'), Buffer.alloc(HEAVY_BYTES, ' '));
writeFileSync(join(root, 'small.json'), '{}');

const verbOf = (safety: 'read_only' | 'submits_jobs') =>
  defineVerb({
    name: 'read_things',
    family: 'baseline',
    library: 'read',
    verb: 'things',
    title: 'Read',
    description: 'Reads what it is given.',
    safety,
    fields: { source: pathField('File.') },
    paths: { source: reads },
    data: { by: z.string() },
    examples: [],
    run: async () => ({ by: 'caller' }),
    render: ({ by }) => by,
  });

const workerOf = async (verb: Verb, raw: Record<string, unknown>): Promise<unknown> => {
  const { structured } = await runVerb(entryOf(verb), async () => verb, raw, {
    cwd: root,
    env: {},
    product: { name: 'x', version: '1.2.3', sha: null },
    productFolder: resolve('.'),
    log: async () => undefined,
    resolveRoot: () => ({ root, source: 'test' }),
  });
  return structured['by'];
};

describe('worked on by', () => {
  const ack = { i_understand_this_submits_jobs: true };
  it.each<[who: string, safety: 'read_only' | 'submits_jobs', input: Record<string, unknown>]>([
    ['thread', 'read_only', { source: 'large.json' }],
    ['caller', 'read_only', { source: 'small.json' }],
    ['thread', 'submits_jobs', { source: 'large.json', dry_run: true }],
    ['caller', 'submits_jobs', { source: 'small.json', dry_run: true }],
    ['caller', 'submits_jobs', { source: 'large.json', ...ack }],
  ])('the %s: %s %j', async (who, safety, input) => {
    expect(await workerOf(verbOf(safety), input)).toBe(who);
  });
});

it('worked on by the thread: what computes long, whatever it reads', async () => {
  const verb: Verb = { ...verbOf('read_only'), computes: true };
  expect(await workerOf(verb, { source: 'small.json' })).toBe('thread');
});

it('the ratchet weighs result and baseline, its profiles their targets, a sweep both sides, a trend and a plan all entries', () => {
  expect(ratchetCheck.paths).toMatchObject({ current: reads, baseline: updates, waivers: reads });
  expect(ratchetProfile.paths).toMatchObject({ targets: reads });
  expect(perfBaselineSweep.paths).toMatchObject({ current: readsResultsOfEntries });
  expect(perfBaselineTrend.paths).toMatchObject({ measurement: readsMeasurement });
  expect(planTrials.computes).toBe(true);
  expect(planTrials.paths).toMatchObject({ measurement: readsMeasurement });
});
