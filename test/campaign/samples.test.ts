// Every output of a real tool that is at hand, and every made-up bundle, through the importers: rows, kernels, or a reason.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readNcuPairs } from '../../src/campaign/captures/ncu.ts';
import { readNsys } from '../../src/campaign/captures/nsys.ts';
import { readZymtrace } from '../../src/campaign/captures/zymtrace.ts';
import { defaultRulesPath, loadBucketRules } from '../../src/profile/kernels/bucket-rules.ts';
import { classifier } from '../../src/profile/kernels/classify.ts';
import { Fault } from '../../src/text/fault.ts';
import { importPath, type Imported } from './imported.ts';
import { verbContext } from './verb-context.ts';

const samples = new URL('../../../shared/samples', import.meta.url).pathname;
const absent = !existsSync(samples);
if (absent) console.log(`skipped: the sample outputs of real tools are not at ${samples}`);

const root = mkdtempSync(join(tmpdir(), 'samples-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

/** File to what became of it. */
type Account = readonly [string, string];

const rowsOf = ({ rows, layout }: Imported): string | undefined => {
  const measured = rows.filter(({ n_trials: trials }) => trials > 0);
  return measured.length === 0 ? undefined : `${measured.length} rows (${layout})`;
};

const kernelsOf = async (path: string): Promise<string | undefined> => {
  try {
    const { top_kernels: kernels } = await readNsys(path, verbContext(root));
    return `${kernels.length} kernels (import_nsys)`;
  } catch (error) {
    if (error instanceof Fault) return `${error.code}: ${error.message}`;
    throw error;
  }
};

const accountOf = async (file: string): Promise<Account> => {
  const path = join(samples, file);
  if (/\.sqlite$|cuda_gpu_kern_sum/.test(file)) return [file, (await kernelsOf(path)) ?? ''];
  const read = await importPath(path);
  const refused = read.rows.filter(({ status }) => status === 'failed').map(({ notes }) => notes);
  return [file, rowsOf(read) ?? [...read.unread.map(({ reason }) => reason), ...refused][0] ?? ''];
};

describe.skipIf(absent)('samples', () => {
  test('are accounted for, each by rows, by kernels or by a reason', async () => {
    const files = filesBelow(samples).filter((file) => !file.startsWith('bundles/'));
    const accounts: Account[] = [];
    for (const file of files) accounts.push(await accountOf(file));
    const target = process.env['SAMPLES_TABLE'];
    if (target !== undefined) writeFileSync(target, accounts.map(([file, what]) => `| ${file} | ${what} |\n`).join(''));
    expect(accounts.filter(([, what]) => what === '')).toEqual([]);
    const tools = ['aiperf', 'guidellm', 'inferencex', 'sglang', 'vllm', 'mlperf', 'lm-eval'];
    const withRows = new Set(accounts.flatMap(([file, what]) => (/ rows /.test(what) ? [file.split('/')[0]] : [])));
    expect([...withRows]).toEqual(expect.arrayContaining(tools));
    // What nobody can name is what nobody looked at.
    expect(accounts.filter(([file, what]) => /format_unknown/.test(what) && !UNKNOWN.has(file))).toEqual([]);
  }, 120_000);
});

/** Tables of somebody's own, whose columns no tool defines. */
const UNKNOWN: ReadonlySet<string> = new Set([
  'engine-steps/qwen3-32b-bf16-tp4_phase.sample.csv',
  'mlperf/published-points.csv',
  'vllm/serve_results_aggregated_by_user_script.csv',
]);

/** Files that say something of the cells, and hold no result. */
const FACTS = /(^|\/)(result|bench-workloads|inference_perfbench_v1|roofline_sweep_manifest|capture_sources)\.json$/;

describe.skipIf(absent)('a made-up bundle', () => {
  const bundles = absent ? [] : readdirSync(join(samples, 'bundles'), { withFileTypes: true }).filter((entry) => entry.isDirectory()); // prettier-ignore
  const captured = async (folder: string): Promise<string[]> => {
    const rules = defaultRulesPath();
    const files = filesBelow(folder);
    const found: string[] = [];
    for (const at of [folder, ...readdirSync(folder).map((name) => join(folder, name))]) {
      if (existsSync(join(at, 'zymtrace'))) found.push(...(await readZymtrace(at, rules)).paths);
      if (existsSync(join(at, 'nsys'))) found.push(...(await readNsys(at, verbContext(root))).paths);
      if (existsSync(join(at, 'ncu-profiles'))) {
        expect((await readNcuPairs(at, classifier(await loadBucketRules(rules)))).length).toBeGreaterThan(0);
        found.push(join(at, 'ncu-profiles'));
      }
    }
    return files.filter((file) => found.some((path) => join(folder, file).startsWith(path)));
  };

  test.each(bundles.map(({ name }) => name))('%s is accounted for, file by file', async (name) => {
    const folder = join(samples, 'bundles', name);
    const { cells, unread, rows } = await importPath(folder);
    const known = new Set([
      ...cells.flatMap(({ raw }) => raw),
      ...unread.map(({ path }) => path),
      ...rows.map(({ raw_path: path }) => path),
      ...(await captured(folder)),
    ]);
    expect(filesBelow(folder).filter((file) => !known.has(file) && !FACTS.test(file))).toEqual([]);
  });
});
