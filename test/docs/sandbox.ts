// A folder in which the examples of the pages run as printed: the files that they name, entries that they compare with, an installed
// copy of the programs with no node_modules above it, and stand-ins for what a test machine has not (a compiler, a service manager, the
// program under test).
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { spawn } from 'node:child_process';
import { SHAPES } from '../../src/catalog/file-shapes.ts';
import { NCU, NSYS, writeTree, ZYMTRACE } from '../campaign/bundles.ts';
import { makeExport } from '../profile/make-export.ts';

const PROGRAMS = ['profile-and-optimize', 'profile-and-optimize-mcp', 'perftunereport', 'bench'];
const RESULT = resolve('examples/measurements/vllm-serve-baseline.json');
const WORSE = resolve('examples/measurements/vllm-serve-regressed.json');
const ENVELOPE = resolve('test/fixtures/measurements/envelope-v1.1.json');

/** The envelope with one trial that counts, and a note that keeps two of them apart. */
const envelopeOf = (folder: string): string => {
  const envelope: { trials: Record<string, unknown>[] } = JSON.parse(readFileSync(ENVELOPE, 'utf8'));
  const trials = envelope.trials.slice(0, 1).map((trial) => ({ ...trial, validity: [] }));
  return JSON.stringify({ ...envelope, trials, notes: folder });
};

/** A compiler that makes a program whose time depends on its -D flags, and the benchmark of the guide. */
const STAND_INS: Readonly<Record<string, string>> = {
  nvcc: `out=; flags=; last=
for word in "$@"; do
  [ "$last" != -o ] || out=$word
  case "$word" in -D*) flags="$flags $word" ;; esac
  last=$word
done
mkdir -p "$(dirname "$out")"
ms=1.0; case "$flags" in *BLOCK_M=128*) ms=0.9 ;; esac
printf '#!/bin/sh\\n#%s\\necho "{\\\\"performance\\\\":{\\\\"median_ms\\\\":%s}}"\\n' "$flags" "$ms" >"$out"
chmod +x "$out"`,
  systemctl: 'exit 0',
  python3: `mkdir -p results
echo '{"name":"training_512","performance":{"median_ms":0.053}}' >results/current.json`,
};

export interface Sandbox {
  readonly folder: string;
  readonly home: string;
  readonly run: (script: string, env?: Readonly<Record<string, string>>) => Promise<Ran>;
}

export interface Ran {
  readonly code: number;
  readonly output: string;
}

const shell = (script: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Ran> =>
  new Promise((done, fail) => {
    const child = spawn('bash', ['-eo', 'pipefail', '-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    child.on('error', fail);
    child.on('close', (code) => done({ code: code ?? -1, output }));
  });

const writeExecutable = (path: string, text: string): void => writeFileSync(path, text, { mode: 0o755 });

/** What `install.sh` leaves of the product. */
const INSTALLED = ['dist', 'schemas', 'configs', 'docs', 'examples', '.github'];

/** Programs of this platform, which are too large to copy for each page. */
const NATIVE = ['@myriaddreamin', '@resvg'];

const installProduct = (prefix: string): void => {
  for (const part of INSTALLED) cpSync(part, join(prefix, part), { recursive: true });
  mkdirSync(join(prefix, 'node_modules'));
  for (const part of NATIVE) symlinkSync(resolve('node_modules', part), join(prefix, 'node_modules', part));
};

const makePrograms = (bin: string, prefix: string): void => {
  mkdirSync(bin, { recursive: true });
  symlinkSync(process.execPath, join(bin, 'node'));
  for (const name of PROGRAMS)
    writeExecutable(join(bin, name), `#!/bin/sh\nexec "${process.execPath}" "${prefix}/dist/${name}.mjs" "$@"\n`);
  for (const [name, text] of Object.entries(STAND_INS)) writeExecutable(join(bin, name), `#!/bin/sh\n${text}\n`);
};

/** What `nsys stats` writes for one kernel. */
const KERNEL_TABLE =
  '"Time (%)","Total Time (ns)","Instances","Avg (ns)","Med (ns)","Min (ns)","Max (ns)","StdDev (ns)","Name"\n100.0,4000,4,1000.0,1000.0,900,1100,50.0,"gemm"\n';

/** Kernels of a step of decoding, with their times in ns. */
const SERVING_KERNELS: readonly (readonly [name: string, ns: number])[] = [
  ['void vllm::rms_norm_kernel<c10::BFloat16>(c10::BFloat16*, int)', 30_000],
  ['nvjet_tst_128x256_64x4_2x1_v_bz_TNT', 400_000],
  ['ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<(unsigned long)4096>)', 100_000],
];

const makeFiles = (at: (name: string) => string): void => {
  const put = (name: string, from: string): void => {
    mkdirSync(dirname(at(name)), { recursive: true });
    cpSync(from, at(name));
  };
  put('results.json', RESULT);
  // Runs of one measurement: the same figures, begun at different times.
  for (const run of [1, 2, 3, 4, 5])
    writeFileSync(at(`run-${run}.json`), readFileSync(RESULT, 'utf8').replace(/("date": ")\d+/, `$1202601010${run}`));
  put('new-results.json', WORSE);
  put('nightly-results/llama31_8b/vllm_serve.json', RESULT);
  put('all_reduce.txt', resolve('examples/measurements/nccl-all-reduce.txt'));
  writeFileSync(at('steps.json'), '{"step_ms": [41.2, 41.5, 40.9]}');
  for (const folder of ['baseline', 'candidate', 'sweep-a', 'sweep-b']) {
    mkdirSync(at(folder));
    writeFileSync(at(`${folder}/c16-0123456789ab.json`), envelopeOf(folder));
  }
  put('tuning/training_512.yaml', resolve('configs/autotune-example.yaml'));
  for (const folder of ['before', 'after']) {
    mkdirSync(at(folder), { recursive: true });
    writeFileSync(at(`${folder}/cuda_gpu_kern_sum.csv`), KERNEL_TABLE);
    makeExport(at(`${folder}.sqlite`), { kernels: [{ name: 'gemm', ns: 1000 }] });
  }
  const kernels = SERVING_KERNELS.map(([name, ns]) => ({ name, ns }));
  makeExport(at('monday.sqlite'), { kernels, steps: 20 });
  makeExport(at('tuesday.sqlite'), {
    kernels: kernels.map(({ name, ns }, at) => ({ name, ns: at === 1 ? ns * 1.25 : ns })),
    steps: 20,
  });
  mkdirSync(at('results'));
  writeFileSync(at('results/current.json'), '{"name":"training_512","performance":{"median_ms":0.053}}');
  writeFileSync(at('results/profile_targets.json'), '{"targets": []}');
  mkdirSync(at('bundle'));
  for (const concurrency of [1, 8, 32])
    writeFileSync(
      at(`bundle/c${concurrency}.json`),
      readFileSync(RESULT, 'utf8').replace(/("max_concurrency": )\d+/, `$1${concurrency}`),
    );
  for (const name of ['ab/base/c8-t1.json', 'ab/tuned/c8-t1.json', 'suite/aa-1k-c8.json']) put(name, RESULT);
  writeFileSync(at('suite/bench-workloads.json'), '{"workloads": [{"tag": "aa-1k", "dataset": "aa"}]}');
  writeTree(at('captures'), { ...NSYS, ...NCU, ...ZYMTRACE });
  for (const folder of ['eval', 'roof']) mkdirSync(at(folder));
  writeFileSync(
    at('eval/results.json'),
    '{"results": {"gsm8k": {"exact_match,none": 0.9}}, "model_name": "org/model"}',
  );
  writeFileSync(at('roof/decode_sweep.jsonl'), '{"c": 1, "isl": 256, "osl": 512, "bench": {"median_tpot_ms": 14}}\n');
  writeFileSync(
    at('agg.json'),
    '{"hw": "b200", "conc": 16, "model": "org/model", "isl": 1024, "osl": 512, "tput_per_gpu": 900, "median_tpot": 0.01}',
  );
  writeFileSync(
    at('mlperf_log_summary.txt'),
    'MLPerf Results Summary\nScenario : Server\nCompleted tokens per second: 6000.00\nResult is : VALID\n',
  );
  writeFileSync(at('dcgm-frozen.yaml'), SHAPES.frozen.example);
  put('config.json', resolve('test/fixtures/roofline/latent-experts.json'));
  cpSync('configs', at('configs'), { recursive: true });
};

/** The same files and entries in a folder of its own, so that no example sees what another one left. */
export const copyOf = ({ folder, home, run }: Sandbox): Sandbox => {
  const own = join(mkdtempSync(join(dirname(folder), 'copy-')), 'work');
  cpSync(folder, own, { recursive: true });
  return { folder: own, home, run: (script, env) => run(`cd '${own}'\n${script}`, env) };
};

/** Makes the folder; `home` has what an installation leaves there. */
export const makeSandbox = async (): Promise<Sandbox> => {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'pages-')));
  const [bin, folder, home] = [join(top, 'bin'), join(top, 'work'), join(top, 'home')];
  const prefix = join(home, '.local/share/profile-and-optimize');
  installProduct(prefix);
  makePrograms(bin, prefix);
  mkdirSync(join(folder, 'experiments'), { recursive: true });
  makeFiles((name) => join(folder, name));
  const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: home, USER: 'tester' };
  const run: Sandbox['run'] = (script, more = {}) => shell(script, folder, { ...env, ...more });
  const prepared = await run(`
    record() { profile-and-optimize perf_baseline_record "$@" >/dev/null; }
    record --family llama31_8b --measurement vllm_serve --source results.json
    record --family llama31_8b --measurement vllm_serve --source results.json
    record --family b200 --measurement nccl_all_reduce_busbw --source all_reduce.txt --value 310 --unit GB/s
    profile-and-optimize perf_baseline_tag llama31_8b/vllm_serve@latest golden >/dev/null
    perftunereport campaign_init configs/campaigns/glm51-multihw.yaml >/dev/null
    perftunereport import_bench --campaign glm51-multihw --bundle bundle/ --cell-id h100-fp8-tp16-ep-mbt4096 --cache-mode cold >/dev/null 2>&1
    perftunereport atlas_aggregate glm51-multihw >/dev/null
    perftunereport report_smoke --out ./report.pdf >/dev/null 2>&1`);
  if (prepared.code !== 0) throw new Error(prepared.output);
  return { folder, home, run };
};
