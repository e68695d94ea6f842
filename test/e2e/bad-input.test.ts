// What bad input gets: a code, the file and the place, the fix; never a stack trace, never half an entry. The table runs as
// argument lists in one server, which reads them as the command line does; a part of it runs on the command line as well.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MANIFEST } from '../../src/catalog/verbs.generated.ts';
import { connect, EXAMPLES, freshRoot, removeRoot, type Connection } from './connect.ts';
import { jsonOf, runCli, STACK_LINE } from './run-cli.ts';
import { stagedFiles } from './sparse-file.ts';

const BASELINE = join(EXAMPLES, 'vllm-serve-baseline.json');
const SECRET = 'hf_kJ3nQ8wZ1xV5bT7mR2cL9dF4';

const root = freshRoot();
let client: Connection;
const registry = join(root, 'experiments/artifacts/perf-baselines');
const file = (name: string, content: string | Buffer): string => {
  const path = join(root, name);
  writeFileSync(path, content);
  return path;
};

/** A whole result in which no request completed. */
const allFailed = JSON.stringify({ ...JSON.parse(readFileSync(BASELINE, 'utf8')), completed: 0, failed: 320 });

const SOURCES: readonly (readonly [
  what: string,
  name: string,
  content: string | Buffer,
  code: string,
  message: RegExp,
])[] = [
  ['wrong JSON', 'wrong.json', '{"a": 1,\n "b": }', 'json_syntax', /wrong\.json.*line 2, column 7/],
  ['truncated JSON', 'cut.json', '{"a": [1, 2', 'json_syntax', /cut\.json.*end of the text.*line 1, column 12/],
  ['NaN', 'nan.json', '{"a": NaN}', 'json_non_finite', /nan\.json.*NaN.*line 1, column 7/],
  ['Infinity', 'inf.json', '{"a":\n-Infinity}', 'json_non_finite', /inf\.json.*Infinity.*line 2/],
  ['a number beyond a double', 'big.json', '{"ttft_p50_ms": 1e999}', 'number_overflow', /big\.json.*ttft_p50_ms/],
  ['a duplicate key', 'twice.json', '{"a": 1, "a": 2}', 'json_duplicate_key', /twice\.json.*"a".*line 1, column 10/],
  ['an empty file', 'empty.json', '', 'source_empty', /empty\.json is empty/],
  ['a file of blanks', 'blank.json', ' \n', 'file_empty', /blank\.json is empty/],
  [
    'a file that is no text',
    'bytes.json',
    Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
    'not_utf8',
    /bytes\.json is not UTF-8/,
  ],
  [
    'a run in which every request failed',
    'failed.json',
    allFailed,
    'no_measurement',
    /failed\.json holds no measurement/,
  ],
  [
    'a count of nothing in a format of its own',
    'nothing.json',
    '{"completed": 0, "latency_ms": 0}',
    'no_measurement',
    /nothing\.json.*completed is 0/,
  ],
  ['garbage called a report', 'garbage.nsys-rep', 'garbage', 'profile_foreign', /garbage\.nsys-rep is not a report/],
  ['garbage called an export', 'garbage.sqlite', 'garbage', 'sqlite_foreign', /garbage\.sqlite.*not a SQLite/],
  [
    'a trace that is cut off',
    'cut.trace.json',
    '{"schemaVersion": 1, "traceEvents": [{"ph": "X"',
    'profile_truncated',
    /cut\.trace\.json is cut off/,
  ],
  ['a document without numbers', 'words.json', '{"a": "b"}', 'no_numbers', /words\.json/],
  [
    'a token among its fields',
    'token.json',
    `{"v": 1, "env": {"HF_TOKEN": "${SECRET}"}}`,
    'secret_in_source',
    /token\.json.*line 1/,
  ],
  [
    'a bearer header',
    'bearer.json',
    '{"v": 1,\n"h": "Authorization: Bearer abcdefghij1234567890"}',
    'secret_in_source',
    /bearer\.json.*line 2/,
  ],
  [
    'a signed URL',
    'url.json',
    '{"v": 1, "u": "https://s3/x?X-Amz-Signature=0123456789abcdef0123"}',
    'secret_in_source',
    /url\.json/,
  ],
];

const OTHERS: readonly (readonly [what: string, args: readonly string[], code: string, message: RegExp])[] = [
  ['a missing file', ['SOURCE:nowhere.json'], 'file_not_found', /nowhere\.json/],
  ['an empty folder', ['SOURCE:hollow'], 'source_empty', /hollow/],
  ['a folder as schema', ['--schema', 'SOURCE:hollow', BASELINE], 'not_a_file', /hollow is a folder/],
  ['a pipe', ['SOURCE:pipe'], 'not_a_file', /pipe/],
  ['a source inside the registry', [registry], 'source_in_registry', /perf-baselines/],
  ['a source that holds the registry', [root], 'source_holds_registry', /./],
  ['a source name with a control character', ['SOURCE:a\nb.json'], 'invalid_input', /control character/],
  ['a family that climbs', ['--family', '../up', BASELINE], 'unsafe_segment', /"\.\.\/up"/],
  ['a family of two dots', ['--family', '..', BASELINE], 'unsafe_segment', /"\.\."/],
  ['an absolute measurement', ['--measurement', '/etc', BASELINE], 'unsafe_segment', /"\/etc"/],
  ['a measurement with a control character', ['--measurement', 'a\u001b[2Jb', BASELINE], 'unsafe_segment', /\\u001b/],
  ['a measurement of 200 characters', ['--measurement', 'm'.repeat(200), BASELINE], 'unsafe_segment', /200 characters/],
  ['a family that is a link out of the root', ['--family', 'outward', BASELINE], 'path_escapes', /outward/],
  ['a secret as a name', ['--measurement', SECRET, BASELINE], 'secret_in_name', /credential/],
  [
    'a unit that does not fit its ceiling',
    ['--value', '3', '--unit', 'blorps', '--sol-ceiling-key', 'b200_sm100.nvlink5_tbps', BASELINE],
    'sol_unit_mismatch',
    /blorps.*TB\/s/,
  ],
  [
    'a ceiling that does not exist',
    ['--value', '3', '--unit', 'GB/s', '--sol-ceiling-key', 'b200_sm100.nvlink6_tbps', BASELINE],
    'ceiling_unknown',
    /nvlink6/,
  ],
  ['a value that is no number', ['--value', 'fast', BASELINE], 'not_a_number', /"fast"/],
  ['a value that is not finite', ['--value', 'NaN', BASELINE], 'not_a_number', /"NaN"/],
  ['a value given twice', ['--value', '1', '--values', '1,2', BASELINE], 'value_given_twice', /value/],
  [
    'a context field that does not exist',
    ['--context', '{"n_gpu": 8}', BASELINE],
    'context_invalid',
    /did you mean n_gpus/,
  ],
  [
    'a context that the file contradicts',
    ['--context', '{"concurrency": 999}', BASELINE],
    'context_contradicts',
    /999/,
  ],
  [
    'an entry to supersede that does not exist',
    ['--supersedes', '20200101T000000Z', BASELINE],
    'superseded_missing',
    /20200101T000000Z/,
  ],
  ['a root that does not exist', ['--repo-root', '/nowhere', BASELINE], 'root_not_found', /\/nowhere/],
  ['a root that is a file', ['--repo-root', BASELINE, BASELINE], 'root_not_found', /is not a folder/],
  ['a root below a file', ['--repo-root', join(BASELINE, 'below'), BASELINE], 'not_a_folder', /below/],
  ['a root in which nothing can be made', ['--repo-root', 'SOURCE:blocked', BASELINE], 'not_a_folder', /blocked/],
];

beforeAll(async () => {
  mkdirSync(registry, { recursive: true });
  mkdirSync(join(root, 'hollow'));
  mkdirSync(join(root, 'blocked'));
  file('blocked/experiments', 'a file where a folder is wanted');
  mkdirSync(join(root, 'elsewhere'));
  symlinkSync(join(root, 'elsewhere'), join(registry, 'outward'));
  execFileSync('mkfifo', [join(root, 'pipe')]);
  for (const [, name, content] of SOURCES) file(name, content);
  client = await connect('2.x client, 2026-07-28', { root, env: { HF_TOKEN: SECRET } });
  await client.call('perf_baseline_record', { family: 'good', measurement: 'one', source: BASELINE });
});
afterAll(async () => {
  await client.close();
  removeRoot(root);
});

const withRoot = (word: string): string =>
  word.startsWith('SOURCE:') ? join(root, word.slice('SOURCE:'.length)) : word;

type Call = readonly [verb: string, ...args: string[]];

/** Fills in what an argument list leaves out. */
const recordArgs = (args: readonly string[]): Call => {
  const named = args.map(withRoot);
  const family = named.includes('--family') ? [] : ['--family', 'f'];
  const measurement = named.includes('--measurement') ? [] : ['--measurement', 'm'];
  return ['perf_baseline_record', ...family, ...measurement, ...named];
};

const expectPlain = (printed: string): void => {
  expect(printed).not.toMatch(STACK_LINE);
  expect(printed).not.toContain(SECRET);
  expect(printed).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
};

const expectRefusal = async ([verb, ...args]: Call, code: string, message: RegExp): Promise<void> => {
  const { isError, text, structured } = await client.call(verb, { args });
  expect(structured).toMatchObject({
    error: { code, message: expect.stringMatching(message), fix: expect.any(String) },
    legacy: { returncode: 2 },
  });
  expect(isError).toBe(true);
  expect(text).toMatch(new RegExp(`^error ${code}: `));
  expectPlain(text);
  expectPlain(JSON.stringify(structured));
};

describe('recording', () => {
  it.each(SOURCES)('refuses a source with %s', async (_, name, __, code, message) => {
    await expectRefusal(recordArgs([join(root, name)]), code, message);
  });

  it.each(OTHERS)('refuses %s', async (_, args, code, message) => {
    await expectRefusal(recordArgs(args), code, message);
  });

  it.skipIf(process.platform !== 'linux')('refuses a root that even the superuser cannot write to', async () => {
    await expectRefusal(recordArgs(['--repo-root', '/sys', BASELINE]), 'permission_denied', /\/sys/);
  });

  it.each(MANIFEST.map(({ name, input_schema: { required = [] } }) => [name, required] as const))(
    'asks for what %s needs when it is called with nothing: %j',
    async (verb, required) => {
      const { isError, text, structured } = await client.call(verb, {});
      if (isError) expect(text).toMatch(/^error [a-z_]+: .*\nfix: /);
      expect(Object(structured['error']).kind).not.toBe('internal');
      for (const field of required) expect(text).toContain(`give ${field}: `);
    },
  );

  it('has left nothing of all that: no entry, no staged file, nothing behind the link', async () => {
    const verified = jsonOf(await runCli(['perf_baseline_verify', '--json'], { root }));
    expect(verified).toMatchObject({ entries: 1, intact: 1 });
    expect(stagedFiles(root)).toEqual([]);
    expect(readdirSync(join(root, 'elsewhere'))).toEqual([]);
    expect(existsSync(join(registry, 'f', 'm'))).toBe(false);
  });
});

describe('on the command line', () => {
  it.each([
    ['wrong JSON', ['SOURCE:wrong.json'], /^error json_syntax: .*wrong\.json.* at line 2, column 7\nfix: .+\n$/],
    ['a secret in the source', ['SOURCE:token.json'], /^error secret_in_source: .*token\.json.* line 1\nfix: .+\n$/],
    ['a missing file', ['SOURCE:nowhere.json'], /^error file_not_found: .*nowhere\.json.*\nfix: .+\n$/],
    [
      'a name that steers',
      ['--measurement', 'a\u001b[2Jb', BASELINE],
      /^error unsafe_segment: .*\\u001b.*\nfix: .+\n$/,
    ],
    ['a root that is a file', ['--repo-root', BASELINE, BASELINE], /^error root_not_found: .*\nfix: .+\n$/],
  ])('%s exits 2 with two lines on stderr and nothing on stdout', async (_, args, expected) => {
    const { code, stdout, stderr } = await runCli(recordArgs(args), { root });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(expected);
    expectPlain(stderr);
  });
});

const canMount = ((): boolean => {
  try {
    execFileSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe('a disk that is full', () => {
  it.skipIf(!canMount)('gets a typed error, and nothing of the entry is left on it', () => {
    const disk = join(root, 'disk');
    mkdirSync(disk);
    const cli = `"${process.execPath}" "${join(process.cwd(), 'dist/profile-and-optimize.mjs')}"`;
    const script = [
      `mount -t tmpfs -o size=16k tmpfs "${disk}"`,
      `${cli} perf_baseline_record --family f --measurement m "${BASELINE}" --repo-root "${disk}" 2>&1; echo "exit $?"`,
      `find "${disk}" -type f -not -name '.git*'`,
    ].join('\n');
    const printed = execFileSync('unshare', ['-rm', 'bash', '-c', script], { encoding: 'utf8' });
    expect(printed).toMatch(/^error disk_full: .+\nfix: .+\nexit 2\n$/);
  });
});

describe('reading', () => {
  it.each([
    [
      'a current file that is missing',
      ['perf_baseline_diff', 'good/one', '/nowhere.json'],
      'file_not_found',
      /nowhere/,
    ],
    [
      'a current folder that is empty',
      ['perf_baseline_diff', 'good/one', 'SOURCE:hollow'],
      'folder_without_measurement',
      /hollow/,
    ],
    [
      'a current file with wrong JSON',
      ['perf_baseline_diff', 'good/one', 'SOURCE:wrong.json'],
      'json_syntax',
      /line 2, column 7/,
    ],
    [
      'a number against a whole result',
      ['perf_baseline_diff', 'good/one', '--current-value', '3'],
      'shape_mismatch',
      /structured/,
    ],
    ['an address that climbs', ['perf_baseline_show', '../../../../etc/passwd'], 'address_unreadable', /etc/],
    [
      'a slug that climbs',
      ['perf_baseline_diff', 'good/one@../../x', BASELINE],
      'address_unreadable',
      /names no entry/,
    ],
    ['a family that climbs', ['perf_baseline_list', '../../..'], 'family_not_found', /"\.\.\/\.\.\/\.\."/],
    ['a family to verify that climbs', ['perf_baseline_verify', '../../..'], 'family_not_found', /does not exist/],
    ['a tag that climbs', ['perf_baseline_tag', 'good/one', '../x'], 'unsafe_segment', /"\.\.\/x"/],
    ['a cursor of another list', ['perf_baseline_list', '--cursor', 'nonsense'], 'cursor_unknown', /"nonsense"/],
    [
      'a policy file that is no YAML',
      ['perf_baseline_diff', 'good/one', BASELINE, '--policy', 'SOURCE:policy.yaml'],
      'yaml_syntax',
      /policy\.yaml.*line 3/,
    ],
  ])('refuses %s', async (_, args, code, message) => {
    file('policy.yaml', '- match: a\n  direction: [\n');
    const [verb = '', ...named] = args.map(withRoot);
    await expectRefusal([verb, ...named], code, message);
  });

  it('refuses a profile that is no SQLite database', async () => {
    const foreign = file('foreign.sqlite', 'not a database');
    const profile = file('trace.json', '{"traceEvents": [{"ph": "X", "name": "gemm", "ts": 1, "dur": 2}]}');
    await runCli(['perf_baseline_record', '--family', 'p', '--measurement', 'trace', profile], { root });
    await expectRefusal(['perf_baseline_diff', 'p/trace', foreign], 'sqlite_foreign', /not a SQLite/);
  });

  it('refuses to compare with an entry whose bytes were changed, and names what changed', async () => {
    const args = ['perf_baseline_record', '--family', 'good', '--measurement', 'two', BASELINE, '--json'];
    const { entry_dir: entry } = jsonOf(await runCli(args, { root }));
    const snapshot = join(String(entry), 'source-snapshot.json');
    chmodSync(snapshot, 0o644);
    writeFileSync(snapshot, '{"ttft_p50_ms": 1}');
    await expectRefusal(['perf_baseline_diff', 'good/two', BASELINE], 'baseline_tampered', /source-snapshot\.json/);
    const verified = await runCli(['perf_baseline_verify', 'good', 'two'], { root });
    expect(verified.code).toBe(1);
    expect(verified.stdout).toMatch(
      /^NOT AS RECORDED: 1 changed; 0 of 1 entries intact.*changed: .*source-snapshot\.json/s,
    );
  });
});

describe('a pipe that nobody writes to, in place of a file', () => {
  /** Long enough for any answer; a server that waits for the pipe never gives one. */
  const GUARD_MS = 10_000;
  const pipeAt = (path: string): string => {
    execFileSync('mkfifo', [path]);
    return path;
  };
  let own: Connection;
  beforeAll(async () => {
    own = await connect('2.x client, 2026-07-28', {});
  });
  afterAll(async () => {
    await own.close();
    removeRoot(own.root);
  });

  it.each(['pipe', 'r_cuda_gpu_kern_sum.csv', 'r.nsys-rep', 'r.sqlite'])(
    'is refused as the profile %s',
    async (name) => {
      const path = pipeAt(join(own.root, name));
      const { isError, structured } = await own.call('profile_summary', { profile: path });
      expect({ isError, structured }).toMatchObject({
        isError: true,
        structured: { error: { code: 'not_a_file', message: expect.stringContaining(path) } },
      });
    },
    GUARD_MS,
  );

  it(
    'is named as what is wrong with an entry, and the other entry is listed',
    async () => {
      const record = { family: 'f', measurement: 'm', source: BASELINE };
      const { structured: whole } = await own.call('perf_baseline_record', record);
      const folder = join(own.root, 'experiments/artifacts/perf-baselines/f/m/20260101T000000000000Z');
      mkdirSync(folder);
      const path = pipeAt(join(folder, 'baseline.json'));
      const { structured } = await own.call('perf_baseline_list', { family: 'f', measurement: 'm' });
      expect(structured).toMatchObject({
        items: [
          { name: whole['slug'], error: null },
          { registered_at_utc: null, error: `${path} is not a regular file` },
        ],
      });
      const shown = await own.call('perf_baseline_show', { entry: 'f/m@20260101T000000000000Z' });
      expect(shown.structured).toMatchObject({ error: { code: 'not_a_file' } });
    },
    GUARD_MS,
  );
});
