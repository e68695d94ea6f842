// Pipes that a shell gives in place of files, `<(command)`: the command line reads them as files, the server does not.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLI, EXAMPLES, freshRoot, removeRoot } from './connect.ts';
import { runCli } from './run-cli.ts';

const BASELINE = join(EXAMPLES, 'vllm-serve-baseline.json');
const REGRESSED = join(EXAMPLES, 'vllm-serve-regressed.json');

let root: string;
let temporary: string;

beforeAll(async () => {
  root = freshRoot();
  temporary = freshRoot();
  await runCli(['perf_baseline_record', '--family', 'f', '--measurement', 'm', BASELINE], { root });
  writeFileSync(join(root, 'tolerances.json'), '{"mean_ttft_ms": {"percent": 900}}');
});
afterAll(() => {
  expect(readdirSync(temporary)).toEqual([]);
  removeRoot(root);
  removeRoot(temporary);
});

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What bash says to a line in which `$P` is the program. */
const bash = (line: string): Promise<Said> =>
  new Promise((resolve) => {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: root,
      TMPDIR: temporary,
      P: `${process.execPath} ${CLI}`,
      A: BASELINE,
      B: REGRESSED,
      PROFILE_AND_OPTIMIZE_REPO_ROOT: root,
    };
    execFile('bash', ['-c', line], { cwd: root, env, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });

const data = (said: Said): Record<string, unknown> => {
  expect(said).toMatchObject({ code: 0 });
  return JSON.parse(said.stdout);
};

const REPORT_TIMES = /"(?:ms|registered_at_utc|.*_at|.*moment)":[^,]*/g;
/** What is said, with the names that pipe and file have. */
const sameNames = (text: string): string =>
  text
    .replaceAll(/\/dev\/fd\/\d+/g, 'FILE')
    .replaceAll(REGRESSED, 'FILE')
    .replaceAll(BASELINE, 'FILE')
    .replaceAll(REPORT_TIMES, '');

describe('a pipe of the shell', () => {
  it('is recorded as the file of the same bytes is, under the name that was given', async () => {
    const record = '$P perf_baseline_record --json --family p --measurement';
    const piped = data(await bash(`${record} piped --source <(sleep 0.3; cat "$A")`));
    const filed = data(await bash(`${record} filed --source "$A"`));
    expect(piped).toMatchObject({
      source_sha256: filed['source_sha256'],
      format: 'vllm_serve_json',
      metrics: filed['metrics'],
    });
    expect(piped['source']).toMatch(/^\/dev\/fd\/\d+$/);
    const folder = String(piped['entry_dir']);
    expect(JSON.parse(readFileSync(join(folder, 'baseline.json'), 'utf8'))).toMatchObject({
      source_path: piped['source'],
    });
    for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name), 'utf8')).not.toContain(temporary);
  });

  it('is compared with a baseline, and nothing that is kept names the temporary file', async () => {
    const piped = data(await bash('$P perf_baseline_diff --json f/m <(cat "$B")'));
    const filed = data(await bash('$P perf_baseline_diff --json f/m "$B"'));
    expect(piped).toMatchObject({ summary: filed['summary'], verdict: filed['verdict'] });
    expect(JSON.stringify(piped)).not.toContain(temporary);
    const folder = String(piped['diff_dir']);
    for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name), 'utf8')).not.toContain(temporary);
  });

  it('is one of several repeats', async () => {
    const { trials } = data(await bash('$P perf_baseline_diff --json f/m <(cat "$B") <(cat "$A"; echo) "$A"'));
    expect(trials).toMatchObject({ current: { valid: 3 } });
  });

  it('is each side of a comparison without a registry', async () => {
    const piped = await bash('$P bench_diff --json <(cat "$A") <(cat "$B")');
    const filed = await bash('$P bench_diff --json "$A" "$B"');
    expect(sameNames(piped.stdout)).toBe(sameNames(filed.stdout));
    expect(piped.stdout).not.toContain(temporary);
  });

  it('is a policy, a schema and a value', async () => {
    const policy = `printf 'tolerance:\\n  default_percent: 900\\n'`;
    const { code, stderr } = await bash(`$P perf_baseline_diff --json f/m "$B" --policy <(${policy}; echo '[')`);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(/^(?!.*profile-and-optimize-)/) });
    const schema = await bash(
      `$P perf_baseline_record --family p --measurement s "$A" --schema <(echo '{"required": ["nothing_such"]}')`,
    );
    expect(schema).toMatchObject({ code: 2, stderr: expect.stringContaining('schema_violation') });
    expect(
      data(await bash('$P perf_baseline_diff --json f/m "$B" --tolerances @<(cat tolerances.json)')),
    ).toMatchObject({
      summary: data(await bash('$P perf_baseline_diff --json f/m "$B" --tolerances @tolerances.json'))['summary'],
    });
  });

  it('that brings nothing is an empty file, named as it was given', async () => {
    const { code, stderr } = await bash('$P bench_diff "$A" <(true)');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error format_unknown: \/dev\/fd\/\d+ is of no known/);
  });

  it('that never ends is over the limit of its kind, or of time', async () => {
    const value = await bash('$P perf_baseline_diff f/m "$B" --tolerances @<(cat /dev/zero)');
    expect(value).toMatchObject({ code: 2, stderr: expect.stringContaining('file_too_large') });
    const slow = await bash('$P bench_diff "$A" <(echo "{"; exec sleep 20 2>&-) --time-limit-s 1');
    expect(slow).toMatchObject({ code: 124, stderr: expect.stringMatching(/had brought 2 bytes and no end/) });
  });

  it('with a name waits for its writer', async () => {
    const line = 'mkfifo later; (sleep 0.5; cat "$B" > later) & $P bench_diff --json "$A" later; wait';
    expect(data(await bash(line))).toMatchObject({ candidate_path: join(root, 'later') });
  });
});
