// GPU counters read by a command itself, where it runs: in a pod, in a job of a cluster, on a node that nothing here reaches otherwise. The
// words that put a reader beside a command, and what the reader left as readings. Needs only a POSIX shell there; a place without dcgmi and
// without nvidia-smi is said, and the command runs all the same.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { join as joinThere } from 'node:path/posix';
import { DISCOVERY, dmonArgv, parseDiscovery } from '../drivers/dcgmi.ts';
import { GPU_QUERY, parseGpuQuery } from '../drivers/nvidia-smi.ts';
import { readNamedText } from '../fs/named-text.ts';
import { parseGpuSamples, PROCESS_QUERY, TELEMETRY_QUERY } from '../load/gpu-query.ts';
import type { Fault } from '../text/fault.ts';
import { inputFault } from '../text/fault.ts';
import { CAPTURE_FILES } from './capture.ts';
import type { Captured, CapturedGpu, LackingField } from './captured.ts';
import { readDmonTable } from './dmon-source.ts';
import { FIELD_NAMES, GPU_FIELDS, type FieldName, type GpuReading } from './gpu-fields.ts';
import { SMI_LACKS } from './smi-source.ts';

export const BESIDE_PERIOD_MS = 1000;

/** Files of the reader in its folder, beside the raw table. */
const FACTS = 'dcgm-reader.txt';
const GPUS = 'dcgm-gpus.txt';

/** Arguments of dcgmi before the list of fields, and after it. */
const [dcgmi = '', dmon = '', listFlag = '', , ...periodWords] = dmonArgv({ fields: [0], periodMs: BESIDE_PERIOD_MS });

const quoted = (words: readonly string[]): string => words.map((word) => (/^[\w.,=:/-]+$/.test(word) ? word : `'${word}'`)).join(' '); // prettier-ignore

/**
 * Runs a command with a reader of the GPUs beside it. A field that this GPU or driver lacks would refuse dcgmi's whole list: those that it
 * watches are found once, and the last are given up while it refuses them together. Without dcgmi nvidia-smi is asked. Arguments: folder,
 * file of the fields that are watched, ids by blanks, command.
 */
const BESIDE = `
out=$1 known=$2 ids=$3
shift 3
raw="$out/${CAPTURE_FILES.raw}" facts="$out/${FACTS}" source= watch=
processes() { timeout 20 ${quoted(PROCESS_QUERY)} 2>/dev/null | sort | tr '\\n' ';'; }
if mkdir -p "$out"; then
  line=
  command -v stdbuf >/dev/null 2>&1 && line='stdbuf -oL'
  if command -v ${dcgmi} >/dev/null 2>&1; then
    if [ ! -f "$known" ]; then
      fields=
      for id in $ids; do
        timeout 20 ${dcgmi} ${dmon} ${listFlag} "$id" -d 100 -c 1 >/dev/null 2>&1 && fields="$fields,$id"
      done
      fields=\${fields#,}
      while [ -n "$fields" ] && ! timeout 20 ${dcgmi} ${dmon} ${listFlag} "$fields" -d 100 -c 1 >/dev/null 2>&1; do
        case "$fields" in *,*) fields=\${fields%,*} ;; *) fields= ;; esac
      done
      printf '%s' "$fields" >"$known"
    fi
    fields=$(cat "$known")
    if [ -n "$fields" ]; then
      source=dcgmi
      timeout 20 ${quoted(DISCOVERY)} >"$out/${GPUS}" 2>/dev/null
    fi
  fi
  if [ -z "$source" ] && timeout 20 ${quoted(GPU_QUERY)} >"$out/${GPUS}" 2>/dev/null; then source=nvidia-smi; fi
  {
    echo "source=$source"
    echo "fields=$fields"
    echo "node=\${NODE_NAME:-\${SLURMD_NODENAME:-$(cat /proc/sys/kernel/hostname 2>/dev/null || uname -n)}}"
    echo "before=$(processes)"
    echo "start=$(date +%s)"
  } >"$facts"
  case "$source" in
    dcgmi) $line ${dcgmi} ${dmon} ${listFlag} "$fields" ${quoted(periodWords)} >"$raw" 2>&1 & watch=$! ;;
    nvidia-smi) $line ${quoted(TELEMETRY_QUERY)} -l ${BESIDE_PERIOD_MS / 1000} >"$raw" 2>&1 & watch=$! ;;
  esac
fi
"$@"
code=$?
if [ -n "$watch" ]; then
  kill "$watch" 2>/dev/null
  wait "$watch" 2>/dev/null
  { echo "end=$(date +%s)"; echo "after=$(processes)"; } >>"$facts"
fi
exit $code
`;

/** Words as a person reads them: the reader's script stands as its name. */
export const withNamedReader = (words: readonly string[]): string[] =>
  words.map((word) => (word === BESIDE ? '<READER>' : word));

/** The script behind that name; none where no words have it. */
export const readerText = (words: readonly string[]): string[] =>
  words.includes(BESIDE) ? [`<READER>:\n${BESIDE.trim()}`] : [];

export interface BesideAsk {
  /** Folder that takes the readings, as the command sees it. */
  readonly folder: string;
  /** Folder whose commands share what is known of the fields. */
  readonly shared: string;
  readonly fields: readonly FieldName[];
}

/** Those of the device first: where dcgmi refuses too many together, counters of the profiling unit are given up last to first. */
const idsOf = (fields: readonly FieldName[]): number[] =>
  fields.toSorted((a, b) => Number(GPU_FIELDS[a].profiling) - Number(GPU_FIELDS[b].profiling)).map((field) => GPU_FIELDS[field].id); // prettier-ignore

/** The command with a reader beside it. A caller's words reach the shell as arguments, never as text of a script. */
export const besideWords = ({ folder, shared, fields }: BesideAsk, argv: readonly string[]): string[] => [
  'sh',
  '-c',
  BESIDE,
  'sh',
  folder,
  joinThere(shared, 'dcgm-fields.txt'),
  idsOf(fields).join(' '),
  ...argv,
];

const factsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );

export interface BesideCapture {
  readonly captured: Captured;
  /** A process came or went on a GPU between the ends of the command; null where nobody says. */
  readonly changed: boolean | null;
}

interface Left {
  readonly raw: string;
  readonly gpus: string;
  readonly facts: ReadonlyMap<string, string>;
  readonly endMs: number;
  readonly node: string;
}

const fromDcgmi = ({ raw, gpus: listed, facts, endMs, node }: Left, fields: readonly FieldName[]): Pick<Captured, 'readings' | 'gpus' | 'lacking'> => {
  const known = parseDiscovery(listed);
  const readings = readDmonTable(raw, { periodMs: BESIDE_PERIOD_MS, node }).map((reading) => ({
    ...reading,
    at_ms: endMs + reading.at_ms,
    uuid: known.find(({ index }) => String(index) === reading.gpu)?.uuid ?? null,
  }));
  const seen = [...new Set(readings.map(({ gpu }) => gpu))].toSorted((a, b) => Number(a) - Number(b));
  const watched = new Set((facts.get('fields') ?? '').split(','));
  return {
    readings,
    gpus: seen.map((gpu): CapturedGpu => {
      const found = known.find(({ index }) => String(index) === gpu);
      return { node, gpu, uuid: found?.uuid ?? null, name: found?.name ?? null };
    }),
    lacking: fields
      .filter((field) => !watched.has(String(GPU_FIELDS[field].id)))
      .map((field): LackingField => ({ field, reason: 'dcgmi did not watch it there' })),
  };
}; // prettier-ignore

/** What nvidia-smi repeated: a GPU that comes again begins the next moment. */
const fromSmi = async ({ raw, gpus: listed, endMs, node }: Left, fields: readonly FieldName[]): Promise<Pick<Captured, 'readings' | 'gpus' | 'lacking'>> => {
  const { gpus } = await parseGpuQuery(listed);
  const ticks: Map<string, GpuReading>[] = [];
  for (const { uuid, powerW, smClockMhz, clockReasons, eccUncorrected } of parseGpuSamples(raw, null)) {
    if (ticks.at(-1)?.has(uuid) !== false) ticks.push(new Map());
    const gpu = gpus?.find((each) => each.uuid === uuid);
    const values = { power_w: powerW, sm_clock_mhz: smClockMhz, clock_reasons: clockReasons, ecc_uncorrected: eccUncorrected };
    ticks.at(-1)?.set(uuid, { at_ms: 0, node, gpu: String(gpu?.index ?? uuid), uuid, values });
  }
  const readings = ticks.flatMap((tick, index) =>
    [...tick.values()].map((reading) => ({ ...reading, at_ms: endMs + BESIDE_PERIOD_MS * (index - ticks.length + 1) })),
  );
  return {
    readings,
    gpus: (gpus ?? []).map(({ index, uuid, name }) => ({ node, gpu: String(index), uuid, name })),
    lacking: fields
      .filter((field) => !readings.some(({ values }) => typeof values[field] === 'number'))
      .map((field) => ({ field, reason: SMI_LACKS })),
  };
}; // prettier-ignore

const nothingRead = (says: string): Fault =>
  inputFault('no_gpu_readings', says, {
    fix: 'put dcgmi or nvidia-smi into the image, or read an exporter or Prometheus with dcgm_capture',
  });

/** What the reader left in a folder here. Throws a Fault `no_gpu_readings` where it left nothing. */
export const readBeside = async (folder: string, fields: readonly FieldName[] = FIELD_NAMES): Promise<BesideCapture> => {
  const at = (name: string): Promise<string> =>
    existsSync(join(folder, name)) ? readNamedText(join(folder, name)) : Promise.resolve('');
  const facts = factsOf(await at(FACTS));
  const source = facts.get('source');
  if (source !== 'dcgmi' && source !== 'nvidia-smi')
    throw nothingRead(facts.size === 0 ? 'the reader beside the command left nothing' : 'where the command ran there is neither dcgmi nor nvidia-smi that lists a GPU');
  const endS = Number(facts.get('end'));
  if (!(endS > 0)) throw nothingRead('the command was ended from outside, and its reader with it');
  const left: Left = {
    raw: await at(CAPTURE_FILES.raw),
    gpus: await at(GPUS),
    facts,
    endMs: endS * 1000,
    node: facts.get('node') ?? 'unknown',
  };
  const [before = '', after = ''] = [facts.get('before'), facts.get('after')];
  const found = source === 'dcgmi' ? fromDcgmi(left, fields) : await fromSmi(left, fields);
  return {
    captured: {
      source,
      ...found,
      intervalS: BESIDE_PERIOD_MS / 1000,
      clock: 'spacing',
      queries: {},
      notes: ['read beside the command where it ran; its lines are spaced back from the end of the command'],
    },
    changed: before === '' && after === '' ? null : before !== after,
  };
}; // prettier-ignore
