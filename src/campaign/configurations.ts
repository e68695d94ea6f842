// Which runs are of one configuration, by what their own files say of it. Runs whose files differ are never repeats of one another,
// whatever name a folder or a caller gives them; where a caller's word stands against that of a file, the answer says so.
import { sameContextValue } from '../verdict/context-match.ts';
import { plural } from '../render/numbers.ts';
import { cellName } from './bundles/bundle.ts';
import { identityOfContext, joinIdentities, type CellIdentity } from './cell-identity.ts';
import { rolesWord } from './disaggregation.ts';
import type { FileRun } from './point-runs.ts';

/** What makes runs another configuration. */
const CONFIGURATION = [
  'model', 'hardware', 'quant', 'serving_engine', 'engine_version', 'tensor_parallel', 'pipeline_parallel', 'data_parallel',
  'expert_parallel', 'dp_attention', 'n_gpus', 'roles', 'mtp', 'num_speculative_tokens', 'max_num_batched_tokens', 'max_num_seqs',
  'kv_cache_dtype', 'cudagraph_mode', 'enable_prefix_caching', 'image', 'dataset', 'cache_mode',
] as const satisfies readonly (keyof CellIdentity)[]; // prettier-ignore

type Field = (typeof CONFIGURATION)[number];
type Setting = string | number | boolean | undefined;

/** Those that make points of their own, not cells, where a layout names the cells. */
const OF_POINTS: ReadonlySet<Field> = new Set(['dataset', 'cache_mode', 'num_speculative_tokens']);

const settingOf = (identity: CellIdentity, field: Field): Setting =>
  field === 'roles' ? rolesWord(identity.roles) : identity[field];

const wordOf = (field: Field, value: Setting): string => {
  if (value === undefined) return `no-${field}`;
  return typeof value === 'string' ? (value.split('/').at(-1) ?? value) : `${field}-${value}`;
};

/** What a file itself says. */
const ownIdentity = ({ context, tool = {} }: FileRun): CellIdentity => joinIdentities(identityOfContext(context), tool);

export interface Configurations {
  /** Runs by the name of their cell; one where their files agree. */
  readonly groups: ReadonlyMap<string, readonly FileRun[]>;
  /** Settings in which the files differ. */
  readonly differing: readonly Field[];
}

export interface ConfigurationQuery {
  readonly cellId: string;
  /** The cell is only a folder's: every setting counts. */
  readonly mixed: boolean;
  /** What caller, bundle and file say together of a run, for files that are silent. */
  readonly statedOf: (run: FileRun) => CellIdentity;
}

/** Groups runs by what their files say of the configuration. The names say only what differs. */
export const configurationsOf = (runs: readonly FileRun[], { cellId, mixed, statedOf }: ConfigurationQuery): Configurations => {
  const own = runs.map((run) => ({ run, identity: ownIdentity(run) }));
  const differing = CONFIGURATION.filter(
    (field) =>
      (mixed || !OF_POINTS.has(field)) && new Set(own.flatMap(({ identity }) => settingOf(identity, field) ?? [])).size > 1,
  );
  const groups = new Map<string, FileRun[]>();
  for (const { run, identity } of own) {
    const words = differing.map((field) => wordOf(field, settingOf(identity, field) ?? settingOf(statedOf(run), field)));
    const name = cellName([cellId, ...words].join('-'));
    groups.set(name, [...(groups.get(name) ?? []), run]);
  }
  return { groups, differing };
}; // prettier-ignore

/** Values that a warning names before it counts them. */
const NAMED = 3;

const listOf = (values: readonly Setting[]): string => {
  const more = values.length > NAMED ? ` and ${values.length - NAMED} more` : '';
  return `${values.slice(0, NAMED).join(', ')}${more}`;
};

/** Where files say something else than the caller, whose word stands in the rows: one line for each setting. */
export const overruledSettings = (runs: readonly FileRun[], given: CellIdentity): string[] =>
  CONFIGURATION.flatMap((field) => {
    const asked = settingOf(given, field);
    if (asked === undefined || field === 'roles') return [];
    const others = runs.flatMap((run) => {
      const value = settingOf(ownIdentity(run), field);
      return value === undefined || sameContextValue(field, value, asked) ? [] : [{ path: run.path, value }];
    });
    const [first] = others;
    if (first === undefined) return [];
    const files = new Set(others.map(({ path }) => path)).size;
    const who = files === 1 ? `${first.path} says` : `${plural(files, 'file')}, ${first.path} the first, say`;
    return [`${who} ${field} ${listOf([...new Set(others.map(({ value }) => value))])}; ${asked} was given and stands in the rows`];
  }); // prettier-ignore
