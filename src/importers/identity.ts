// Decides by their names which members of a document identify something (an element of an array, a run, a moment) and so are
// not measurements. The lists are the documentation: a name that is not on them is a measurement.

/**
 * Members that tell the elements of an array apart: the load, the shape of the work, the place. An element is keyed by all of
 * those that every element has. `id` only counts where nothing else does, because runs renumber.
 */
export const IDENTIFYING: readonly string[] = [
  'name', 'tag', 'short', 'arm', 'key', 'label', 'case', 'test', 'testcase', 'benchmark', 'metric', 'scenario', 'variant', 'config', 'config_name', 'cell_id', 'workload',
  'concurrency', 'max_concurrency', 'conc', 'request_rate', 'rps', 'qps', 'batch_size', 'batch',
  'isl', 'osl', 'input_len', 'output_len', 'seq_len', 'sequence_length', 'prompt_len',
  'size', 'size_bytes', 'message_size', 'size_b', 'shape', 'dataset',
  'pair', 'src', 'dst', 'source', 'target', 'peer', 'rank', 'gpu', 'gpu_index', 'gpu_id', 'gpu_uuid', 'device', 'device_id', 'node', 'host', 'hostname',
  'kernel', 'kernel_name', 'op', 'operation', 'collective', 'layer', 'stage', 'phase', 'place', 'percentile', 'step', 'iteration',
]; // prettier-ignore

const LAST_RESORT = 'id';

/** Last words of names that identify a run, a process, a version or a moment. */
const IDENTITY_WORDS = new Set([
  'id', 'ids', 'uid', 'uuid', 'uuids', 'guid', 'hash', 'sha', 'sha1', 'sha256', 'md5', 'digest', 'checksum', 'seed', 'seeds',
  'pid', 'ppid', 'tid', 'port', 'version', 'revision', 'commit', 'build', 'index', 'idx', 'serial', 'epoch',
  'timestamp', 'timestamps', 'date', 'datetime', 'at',
]); // prettier-ignore

const MOMENTS = new Set([
  'start',
  'end',
  'begin',
  'stop',
  'finish',
  'started',
  'ended',
  'finished',
  'created',
  'updated',
  'ack',
]);
const CLOCK_UNITS = new Set(['time', 'ns', 'us']);

/** `requestStartNs` and `request-start-ns` as words: `request`, `start`, `ns`. */
const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[_\-. ]+/);

/** What the last word of a name allows: `clock` and `unit` need a look at the words before it. */
type Ending = 'identity' | 'clock' | 'unit' | 'measurement';

const endingOf = (tail: string): Ending => {
  const words = wordsOf(tail);
  const last = words.at(-1) ?? '';
  if (IDENTITY_WORDS.has(last) || words.includes('timestamp')) return 'identity';
  if (CLOCK_UNITS.has(last)) return 'clock';
  return last === 'ms' || last === 's' ? 'unit' : 'measurement';
};

const isMoment = (name: string): boolean => {
  const words = wordsOf(name);
  return words.includes('timestamp') || (CLOCK_UNITS.has(words.at(-1) ?? '') && MOMENTS.has(words.at(-2) ?? ''));
};

/** A document of a million members has few endings. */
const MAX_ENDINGS = 4096;
/** A longer piece of a text is kept by V8 as a view that holds the whole text: what is remembered must be shorter. */
const MAX_TAIL = 12;
const endings = new Map<string, Ending>();
/** The ending asked for last: neighbours in a document mostly share it. */
let recent: { readonly tail: string; readonly ending: Ending } = { tail: '', ending: 'measurement' };

const knownEnding = (tail: string): Ending => {
  const ending = endings.get(tail) ?? endingOf(tail);
  if (tail.length > MAX_TAIL) return ending;
  if (endings.size < MAX_ENDINGS) endings.set(tail, ending);
  recent = { tail, ending };
  return ending;
};

const endingOfName = (name: string): Ending => {
  const start = name.lastIndexOf('_') + 1;
  const isRecent = name.length - start === recent.tail.length && name.endsWith(recent.tail);
  return isRecent ? recent.ending : knownEnding(name.slice(start));
};

/** True for names of ids, versions, seeds and moments (`run_id`, `seed`, `start_time`, `requestStartNs`, `created_at`). */
export const isIdentity = (name: string): boolean => {
  const ending = endingOfName(name);
  if (ending === 'unit') return name.includes('imestamp') && isMoment(name);
  return ending === 'identity' || (ending === 'clock' && isMoment(name));
};

type Keyed = Readonly<Record<string, unknown>>;

const isLabel = (value: unknown): value is string | number =>
  typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));

const tellApart = (items: readonly Keyed[], fields: readonly string[]): boolean => {
  const [only] = fields;
  const keyOf = (item: Keyed): unknown =>
    fields.length === 1 && only !== undefined ? item[only] : JSON.stringify(fields.map((field) => item[field]));
  return fields.length > 0 && new Set(items.map(keyOf)).size === items.length;
};

/** The members that identify each of these objects, or an empty list when they must be told apart by position. */
export const identifyingFields = (items: readonly Keyed[]): readonly string[] => {
  const [first = {}] = items;
  const inEvery = (field: string): boolean => field in first && items.every((item) => isLabel(item[field]));
  const fields = IDENTIFYING.filter(inEvery);
  if (tellApart(items, fields)) return fields;
  return inEvery(LAST_RESORT) && tellApart(items, [LAST_RESORT]) ? [LAST_RESORT] : [];
};
