// One profile diff in a process of its own, so that its wall time, CPU time and peak memory are its own: reads both sides
// at once, compares, and prints the figures and what was found as one line of JSON.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resourceUsage } from 'node:process';
import { diffProfiles } from '../src/profile/diff-profiles.ts';
import { readProfile } from '../src/profile/read/read-profile.ts';

const [baseline = '', candidate = '', rules = ''] = process.argv.slice(2);
const began = performance.now();
const read = (path: string) => readProfile([path], { cacheDir: tmpdir(), bucketsPath: rules });
const [before, after] = await Promise.all([read(baseline), read(candidate)]);
const readMs = performance.now() - began;
const diff = diffProfiles([before], [after]);
const wallMs = performance.now() - began;
const usage = resourceUsage();
writeFileSync(
  1,
  `${JSON.stringify({
    wall_ms: wallMs,
    read_ms: readMs,
    diff_ms: wallMs - readMs,
    cpu_ms: (usage.userCPUTime + usage.systemCPUTime) / 1000,
    peak_rss_mb: usage.maxRSS / 1000,
    first_line: diff.first_line,
    slower: diff.kernels
      .filter((row) => row.change === 'slower')
      .map((row) => ({ name: row.name, pct: row.stratified_pct })),
    faster: diff.kernels.filter((row) => row.change === 'faster').map((row) => row.name),
    removed: diff.kernels.filter((row) => row.class === 'removed').map((row) => row.name),
    added: diff.kernels.filter((row) => row.class === 'new').map((row) => row.name),
    paired: diff.kernels.filter((row) => row.class === 'paired').map((row) => row.baseline_name),
  })}\n`,
);
