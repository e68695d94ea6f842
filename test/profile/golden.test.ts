import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { cellsBy, cellsOf, sumOf } from '../../src/profile/kernels/kernel-cells.ts';
import { diffProfiles } from '../../src/profile/diff-profiles.ts';
import { profileDiffSchema } from '../../src/profile/diff/profile-diff-schema.ts';
import type { ProfileDiff } from '../../src/profile/diff/profile-diff-schema.ts';
import { profileDiffMarkdown } from '../../src/profile/text/diff-document.ts';
import { renderProfileDiffText } from '../../src/profile/text/diff-text.ts';
import { profileDiffSvg } from '../../src/profile/text/profile-diff-svg.ts';
import type { ProfileSide } from '../../src/profile/model/profile-side.ts';
import { readProfile } from '../../src/profile/read/read-profile.ts';
import { summariseProfile } from '../../src/profile/summarise-profile.ts';
import { golden, hasSamples, sample } from './shared-samples.ts';

const read = (name: string): Promise<ProfileSide> =>
  readProfile([sample(`nsys/${name}.sqlite`)], { cacheDir: '/nonexistent' });

const kernelRows = z.array(
  z.object({
    device: z.number().optional(),
    demangled: z.string(),
    short: z.string(),
    count: z.number(),
    total_ns: z.number(),
    avg_ns: z.number(),
    min_ns: z.number(),
    max_ns: z.number(),
  }),
);

const sides: Record<string, ProfileSide> = {};
const side = (name: string): ProfileSide => {
  const found = sides[name];
  if (found === undefined) throw new Error(`not read: ${name}`);
  return found;
};

describe.skipIf(!hasSamples)('the real captures give exactly the golden numbers', () => {
  beforeAll(async () => {
    sides['mfu_2gpu_before'] = await read('mfu_2gpu_before');
    sides['mfu_2gpu_after'] = await read('mfu_2gpu_after');
    sides['mock'] = await read('export_mock');
    sides['healthy_1pct'] = await read('export_healthy_1pct');
  });

  const both = ['mfu_2gpu_before', 'mfu_2gpu_after'];

  test.each(['mfu_2gpu_before', 'mfu_2gpu_after', 'mock', 'healthy_1pct'])('kernels of %s', (name) => {
    const cells = cellsOf([side(name)]);
    const expected = kernelRows.parse(golden(`kernels.${name}`));
    expect(cells.byKernel.size).toBe(expected.length);
    for (const row of expected) {
      const own = cells.byKernel.get(row.demangled) ?? [];
      const calls = own.flatMap((cell) => Array.from(cell.calls));
      expect(sumOf(own)).toEqual({ count: row.count, totalNs: row.total_ns });
      expect(own[0]?.kernel.shortName).toBe(row.short);
      expect([Math.min(...calls), Math.max(...calls)]).toEqual([row.min_ns, row.max_ns]);
    }
  });

  test.each(['mfu_2gpu_before', 'mfu_2gpu_after', 'mock', 'healthy_1pct'])('kernels per device of %s', (name) => {
    const own = cellsBy(cellsOf([side(name)]).all, (cell) => `${cell.rank.replace('rank ', '')} ${cell.kernel.name}`);
    const expected = kernelRows.parse(golden(`kernels_per_device.${name}`));
    expect(own.size).toBe(expected.length);
    for (const row of expected) {
      expect(sumOf(own.get(`${row.device} ${row.demangled}`) ?? [])).toEqual({
        count: row.count,
        totalNs: row.total_ns,
      });
    }
  });

  test.each(both)('launch configurations of %s', (name) => {
    const rows = z
      .array(z.record(z.string(), z.union([z.string(), z.number()])))
      .parse(golden(`launch_configs.${name}`));
    const own = cellsBy(cellsOf([side(name)]).all, ({ kernel, config }) =>
      [
        kernel.name,
        ...(config?.grid ?? []),
        ...(config?.block ?? []),
        config?.registers,
        config?.staticSharedBytes,
        config?.dynamicSharedBytes,
      ].join('|'),
    );
    expect(own.size).toBe(rows.length);
    for (const row of rows) {
      const key = ['demangled', 'gridX', 'gridY', 'gridZ', 'blockX', 'blockY', 'blockZ', 'regs', 'ssm', 'dsm']
        .map((c) => row[c])
        .join('|');
      expect(sumOf(own.get(key) ?? [])).toEqual({ count: row['count'], totalNs: row['total_ns'] });
    }
  });

  test.each(both)('sweep of each device of %s', (name) => {
    const sweep = z.record(z.string(), z.record(z.string(), z.number())).parse(golden(`device_sweep.${name}`));
    const busy = z.record(z.string(), z.record(z.string(), z.number())).parse(golden(`device_busy_all_ops.${name}`));
    for (const line of side(name).timelines) {
      const [kernels, all] = [sweep[`${line.rank}`], busy[`${line.rank}`]];
      expect(line).toMatchObject({
        kernelSpanNs: kernels?.['span_ns'],
        kernelBusyNs: kernels?.['busy_ns'],
        kernelIdleNs: kernels?.['idle_ns'],
        computeOnlyNs: kernels?.['compute_only_ns'],
        communicationOnlyNs: kernels?.['nccl_only_ns'],
        overlapNs: kernels?.['overlap_ns'],
        firstKernelNs: kernels?.['span_start'],
        lastKernelNs: kernels?.['span_end'],
        spanNs: all?.['span_ns'],
        busyNs: all?.['busy_ns'],
        idleNs: all?.['idle_ns'],
      });
    }
  });

  test.each(both)('exposed launch and the join on process and correlation id of %s', (name) => {
    const expected = z
      .record(
        z.string(),
        z.record(z.string(), z.object({ join_pid_and_corr: z.object({ exposed_launch_ns: z.number() }) })),
      )
      .parse(golden('launch_overhead'))[name];
    const [counts] = z
      .array(z.object({ kernels: z.number().optional(), unmatched: z.number().optional() }))
      .parse(golden(`correlation.${name}`));
    for (const line of side(name).timelines) {
      expect(line.exposedLaunchNs).toBe(expected?.[`${line.rank}`]?.join_pid_and_corr.exposed_launch_ns);
    }
    expect(side(name).facts.launches).toEqual({
      found: (counts?.kernels ?? 0) - (counts?.unmatched ?? 0),
      missing: counts?.unmatched,
    });
  });

  test.each(both)('copies, sets, waits, API calls and streams of %s', (name) => {
    const of = side(name);
    const rows = z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()])));
    const copies = rows.parse(golden(`memcpy.${name}`));
    expect(of.copies.length).toBe(copies.length);
    for (const row of copies) {
      expect(of.copies).toContainEqual({
        rank: row['device'],
        kind: row['label'],
        count: row['count'],
        bytes: row['bytes'],
        totalNs: row['total_ns'],
        maxNs: row['max_ns'],
      });
    }
    for (const row of rows.parse(golden(`memset.${name}`))) {
      expect(of.memsets).toContainEqual({
        rank: row['device'],
        count: row['count'],
        bytes: row['bytes'],
        totalNs: row['total_ns'],
      });
    }
    for (const row of rows.parse(golden(`sync.${name}`))) {
      const own = of.waits.filter((wait) => wait.type === row['label']);
      expect(own.reduce((sum, wait) => sum + wait.totalNs, 0)).toBe(row['total_ns']);
      expect(own.reduce((sum, wait) => sum + wait.count, 0)).toBe(row['count']);
    }
    for (const row of rows.parse(golden(`api.${name}`))) {
      expect(of.apis).toContainEqual({
        name: row['name'],
        count: row['count'],
        totalNs: row['total_ns'],
        maxNs: row['max_ns'],
      });
    }
    for (const row of rows.parse(golden(`streams.${name}`))) {
      expect(of.streams).toContainEqual({
        rank: row['device'],
        stream: row['stream'],
        kernels: row['kernels'],
        totalNs: row['total_ns'],
        firstNs: row['first_ns'],
        lastNs: row['last_ns'],
      });
    }
  });

  test.each(both)('annotated ranges of %s by normalised name, and the kernels inside them', (name) => {
    const ranges = side(name).ranges;
    const expected = z
      .record(z.string(), z.object({ count: z.number(), total_ns: z.number() }))
      .parse(golden(`nvtx_normalised.${name}`));
    for (const [range, sum] of Object.entries(expected)) {
      const own = ranges.filter((row) => row.name === range);
      expect({
        range,
        count: own.reduce((n, row) => n + row.count, 0),
        total_ns: own.reduce((n, row) => n + row.totalNs, 0),
      }).toEqual({ range, ...sum });
    }
    const byRange = z.record(z.string(), z.object({ kernels: z.number(), gpu_ns: z.number() }));
    const attributed = z.object({ innermost: byRange }).parse(golden(`nvtx_kernel_attribution.${name}`));
    for (const [range, sum] of Object.entries(attributed.innermost)) {
      const own = ranges.find((row) => row.name === range && row.domain === 0);
      expect({ range, kernels: own?.kernelsSelf, gpu_ns: own?.gpuSelfNs }).toEqual({ range, ...sum });
    }
  });
});

describe.skipIf(!hasSamples)('the diff of the real pair', () => {
  let diff: ProfileDiff;
  beforeAll(async () => {
    diff = diffProfiles([await read('mfu_2gpu_before')], [await read('mfu_2gpu_after')]);
  });

  test('has every golden number of every kernel', () => {
    const rows = z
      .array(
        z.object({
          demangled: z.string(),
          delta_ns: z.number(),
          before_count: z.number(),
          after_count: z.number(),
          before_avg_ns: z.number(),
          after_avg_ns: z.number(),
          avg_delta_pct: z.number(),
          count_effect_ns: z.number(),
          per_call_effect_ns: z.number(),
        }),
      )
      .parse(golden('delta_kernels.mfu'));
    expect(diff.kernels.map((row) => row.name)).toEqual(rows.map((row) => row.demangled));
    rows.forEach((row, i) => {
      const ours = diff.kernels[i];
      expect(ours).toMatchObject({
        class: 'both',
        delta_ns: row.delta_ns,
        count_effect_ns: Math.round(row.count_effect_ns),
      });
      expect(ours?.per_call_effect_ns).toBe(row.delta_ns - Math.round(row.count_effect_ns));
      expect(ours?.per_call_pct).toBeCloseTo(row.avg_delta_pct, 9);
      expect([ours?.baseline.mean_ns, ours?.candidate.mean_ns]).toEqual([row.before_avg_ns, row.after_avg_ns]);
    });
    expect(diff.totals).toMatchObject({
      baseline_ns: 535_200_650,
      candidate_ns: 488_835_406,
      delta_ns: -46_365_244,
      count_effect_ns: -57_598_322,
      per_call_effect_ns: 11_233_078,
    });
  });

  test('says that a collective got slower and moved, and never that anything got faster', () => {
    expect(diff.verdict).toBe('RED');
    expect(diff.first_line).toMatch(
      /^RED for communication: collective ncclDevKernel_SendRecv takes 41\.4% longer per call/,
    );
    expect(diff.first_line).toContain('its time moved from rank 0 (17.2 -> 10.0 ms) to rank 1 (8.2 -> 23.8 ms)');
    expect(diff.first_line).toContain('11% fewer kernel calls were done in the same length of time');
    expect(diff.first_line).toContain('rank 0 now comes late instead of rank 1');
    expect(`${diff.first_line}${renderProfileDiffText(diff)}`).not.toMatch(/faster|improv/i);
    expect(diff.headline).toMatchObject({ basis: 'dominant_kernel', equal_window: true });
    expect(diff.headline.work_ratio).toBeCloseTo(60 / 68, 12);
    expect(diff.decision).toMatchObject({ status: 'INCONCLUSIVE', basis: 'capture' });
    expect(diff.clock.applied).toBe(false);
    expect(diff.kernels.filter((row) => row.adverse && !row.collective)).toEqual([]);
  });

  test('says why the test of single calls is silent on the collective', () => {
    const row = diff.kernels.find(({ collective }) => collective);
    expect(row?.q).toBeGreaterThan(0.9);
    expect(row?.q_note).toBe(
      'ranks moved in opposite directions (rank 0 -38.1%, rank 1 +207.3%); the long calls changed more than the typical one (median +14.3%, p95 +247.4%)',
    );
    expect(diff.kernels.filter((other) => other !== row).map(({ q_note: note }) => note)).toEqual(
      Array(diff.kernels.length - 1).fill(null),
    );
    expect(profileDiffMarkdown(diff)).toContain('test of single calls is silent on ncclDevKernel_SendRecv');
  });

  test('splits the step so that the parts add up', () => {
    const { change_ns: change = 0, ...parts } = diff.step ?? {};
    expect(Object.values(parts).reduce<number>((sum, part) => sum + (part ?? 0), 0)).toBeCloseTo(change, 3);
    expect(change).toBeCloseTo((diff.headline.candidate_ns ?? 0) - (diff.headline.baseline_ns ?? 0), 6);
  });

  test('fits its schema, 1.5 kB of text, Markdown and a picture', () => {
    expect(profileDiffSchema.parse(JSON.parse(JSON.stringify(diff)))).toEqual(diff);
    const text = renderProfileDiffText(diff);
    expect(text.split('\n')[0]).toBe(diff.first_line);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1500);
    expect(profileDiffMarkdown(diff)).toContain('| ncclDevKernel_SendRecv');
    expect(profileDiffSvg(diff)).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  });

  test('of a capture with itself is GREEN and says so; read twice it is the same to the byte', async () => {
    const [a, b] = [await read('mfu_2gpu_before'), await read('mfu_2gpu_before')];
    const same = diffProfiles([a], [b]);
    expect(same).toMatchObject({ verdict: 'GREEN', same_capture: true, adverse: [] });
    expect(same.totals).toMatchObject({ delta_ns: 0, count_effect_ns: 0, per_call_effect_ns: 0 });
    expect(JSON.stringify(diffProfiles([a], [await read('mfu_2gpu_after')]))).toBe(JSON.stringify(diff));
  });

  test('with the sides swapped has the opposite sign', async () => {
    const back = diffProfiles([await read('mfu_2gpu_after')], [await read('mfu_2gpu_before')]);
    expect(back.totals.delta_ns).toBe(-diff.totals.delta_ns);
    expect(back.kernels.map((row) => -row.delta_ns).sort()).toEqual(diff.kernels.map((row) => row.delta_ns).sort());
    expect(back.verdict).toBe('GREEN');
  });

  test('a summary names ranks, buckets and the validity of the capture', async () => {
    const summary = summariseProfile(await read('mfu_2gpu_before'));
    expect(summary.top_kernels[0]).toMatchObject({
      short_name: 'flash_fwd_kernel',
      bucket: 'attention',
      category: 'FMHA',
    });
    expect(summary.ranks.map((rank) => rank.busy_ns)).toEqual([273_817_787, 267_275_916]);
    expect(summary.capture).toMatchObject({ valid: true, graph_mode: 'graph', launches_missing: 24 });
    expect(JSON.stringify(summary)).not.toMatch(/PATH=|HOME=|TOKEN/);
  });
});
