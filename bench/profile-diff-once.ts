// Profile diffs in a process of their own, so that their wall time, CPU time and peak memory are their own: reads both sides at
// once, compares, and prints the figures and what was found as one line of JSON for each time.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resourceUsage } from 'node:process';
import { diffProfiles } from '../src/profile/diff.ts';
import { readProfile } from '../src/profile/read.ts';

const [baseline = '', candidate = '', rules = '', times = '1'] = process.argv.slice(2);
const read = (path: string) => readProfile([path], { cacheDir: tmpdir(), bucketsPath: rules });
const cpuMs = (): number => {
  const usage = resourceUsage();
  return (usage.userCPUTime + usage.systemCPUTime) / 1000;
};

/** One diff, in a frame of its own: a server does not hold on to the profiles of the call before either. */
const once = async (usedBeforeMs: number): Promise<void> => {
  const began = performance.now();
  const [before, after] = await Promise.all([read(baseline), read(candidate)]);
  const readMs = performance.now() - began;
  const diff = diffProfiles([before], [after]);
  const wallMs = performance.now() - began;
  const figures = {
    wall_ms: wallMs,
    read_ms: readMs,
    diff_ms: wallMs - readMs,
    cpu_ms: cpuMs() - usedBeforeMs,
    peak_rss_mb: resourceUsage().maxRSS / 1000,
    first_line: diff.first_line,
    slower: diff.kernels
      .filter((row) => row.change === 'slower')
      .map((row) => ({ name: row.name, pct: row.stratified_pct })),
    faster: diff.kernels.filter((row) => row.change === 'faster').map((row) => row.name),
    removed: diff.kernels.filter((row) => row.class === 'removed').map((row) => row.name),
    added: diff.kernels.filter((row) => row.class === 'new').map((row) => row.name),
    paired: diff.kernels.filter((row) => row.class === 'paired').map((row) => row.baseline_name),
  };
  writeFileSync(1, `${JSON.stringify(figures)}\n`);
};

for (let time = 0; time < Number(times); time++) await once(time === 0 ? 0 : cpuMs());
