// Compares the circumstances of two measurements: what differs on purpose, what differs although it should not, what only
// one side states. Never calls two contexts equal because one of them is silent.
import {
  CONTEXT_NAMES,
  type Context,
  type ContextFact,
  type ContextField,
  PLACEMENT_FIELDS,
  contextKey,
  contextSchema,
} from '../metrics/context.ts';
import { plainDevice } from '../hardware/ceilings.ts';
import { Fault } from '../text/fault.ts';
import { canonicalJson } from '../text/json.ts';
import { nearestName } from '../text/nearest.ts';

export interface ContextDifference {
  readonly field: ContextField;
  /** Null where the side does not say. */
  readonly baseline: ContextFact;
  readonly current: ContextFact;
}

export interface ContextComparison {
  /** No mismatch; facts that a side does not state are listed, not judged. */
  readonly match: boolean;
  /** Fields that were changed on purpose. */
  readonly axis: readonly ContextField[];
  /** Differences on the axis. */
  readonly varies: readonly ContextDifference[];
  /** Differences outside the axis. */
  readonly mismatches: readonly ContextDifference[];
  /** Stated by one side only. */
  readonly unknown: readonly { readonly field: ContextField; readonly missing_on: 'baseline' | 'current' }[];
  /** The code came by another way (image, overlay, patch): numbers of one are no evidence for the other. */
  readonly delivery_differs: boolean;
  readonly same_placement: boolean | null;
  /** What `same_placement` rests on; null when neither GPU UUIDs nor nodes are known on both sides. */
  readonly placement_basis: 'gpu_uuids' | 'node' | null;
  readonly baseline_key: string;
  readonly current_key: string;
}

const FIELDS = Object.keys(contextSchema.shape) as ContextField[]; // checked boundary: the schema's own keys

/** Where and with which random choices a run happened, and how it is marked, is not what was measured. */
const NOT_COMPARED: ReadonlySet<ContextField> = new Set([...PLACEMENT_FIELDS, 'production_representative']);

/** Figures that come out of a run, and so wobble: they match within 2 percent. */
const MEASURED: ReadonlySet<string> = new Set(['isl', 'osl', 'acceptance_length']);
const WOBBLE = 0.02;

/** A field by its name here, in the envelope or in the atlas; `engine.version` and `engine-version` are `engine_version`. */
const fieldNamed = (name: string): ContextField => {
  const plain = name.trim().toLowerCase().replace(/[.-]/g, '_');
  const found = FIELDS.find((field) => {
    const { envelope, atlas } = CONTEXT_NAMES[field] ?? {};
    return field === plain || envelope === name.trim() || atlas === plain;
  });
  if (found !== undefined) return found;
  const nearest = nearestName(plain, FIELDS);
  throw new Fault('usage', 'axis_unknown', `no part of the context is called ${JSON.stringify(name)}`, {
    fix: nearest === undefined ? `use one of ${FIELDS.join(', ')}` : `did you mean ${nearest}?`,
  });
};

/** The context fields that an axis of change names. Throws a Fault `axis_unknown`. */
export const resolveAxis = (axis: readonly string[]): readonly ContextField[] => [...new Set(axis.map(fieldNamed))];

/** Case, blanks and, for hardware, the name of the vendor say nothing; form factors and memory sizes do. */
const plainText = (field: string, value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  return field === 'hardware' ? plainDevice(value) : value.trim().toLowerCase().replace(/\s+/g, ' ');
};

const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** A model with its owner on the hub (or its folder) and without: `meta-llama/Llama-3.1-8B` and `Llama-3.1-8B`. */
const isModelByShortName = (one: unknown, other: unknown): boolean =>
  typeof one === 'string' &&
  typeof other === 'string' &&
  one.includes('/') !== other.includes('/') &&
  plainText('model', lastPart(one)) === plainText('model', lastPart(other));

/** True where two stated facts are the same fact, however they are spelled. The one matcher of every comparison. */
export const sameContextValue = (field: string, baseline: unknown, candidate: unknown): boolean => {
  if (baseline === candidate) return true;
  if (MEASURED.has(field) && typeof baseline === 'number' && typeof candidate === 'number')
    return Math.abs(candidate - baseline) <= WOBBLE * Math.max(Math.abs(baseline), Math.abs(candidate));
  if (field === 'model' && isModelByShortName(baseline, candidate)) return true;
  return canonicalJson(plainText(field, baseline)) === canonicalJson(plainText(field, candidate));
};

const equal = (field: ContextField, baseline: unknown, candidate: unknown): boolean =>
  field === 'delivery' ? baseline === candidate : sameContextValue(field, baseline, candidate);

const sameSet = (a: readonly string[], b: readonly string[]): boolean => {
  const [left, right] = [new Set(a), new Set(b)];
  return left.size === right.size && [...left].every((member) => right.has(member));
};

/** Same GPUs; where a side does not know them, same node. */
export const comparePlacement = (
  baseline: Pick<Context, 'gpu_uuids' | 'node'>,
  candidate: Pick<Context, 'gpu_uuids' | 'node'>,
): Pick<ContextComparison, 'same_placement' | 'placement_basis'> => {
  if (baseline.gpu_uuids && candidate.gpu_uuids)
    return { same_placement: sameSet(baseline.gpu_uuids, candidate.gpu_uuids), placement_basis: 'gpu_uuids' };
  if (baseline.node && candidate.node)
    return { same_placement: baseline.node === candidate.node, placement_basis: 'node' };
  return { same_placement: null, placement_basis: null };
};

/** Compares field by field. `axis` names what was changed on purpose. */
export const compareContexts = (
  baseline: Context,
  candidate: Context,
  axis: readonly string[] = [],
): ContextComparison => {
  const onAxis = resolveAxis(axis);
  const differences = FIELDS.filter((field) => !NOT_COMPARED.has(field))
    .map((field) => ({ field, baseline: baseline[field] ?? null, current: candidate[field] ?? null }))
    .filter(({ field, baseline: before, current: after }) => !equal(field, before, after));
  // A delivery that one side does not state cannot be taken for the other's.
  const isStated = ({ field, baseline: before, current: after }: ContextDifference): boolean =>
    field === 'delivery' || (before !== null && after !== null);
  const stated = differences.filter(isStated);
  const mismatches = stated.filter(({ field }) => !onAxis.includes(field));
  return {
    match: mismatches.length === 0,
    axis: onAxis,
    varies: stated.filter(({ field }) => onAxis.includes(field)),
    mismatches,
    unknown: differences
      .filter((difference) => !isStated(difference))
      .map(({ field, baseline: before }) => ({ field, missing_on: before === null ? 'baseline' : 'current' })),
    delivery_differs: stated.some(({ field }) => field === 'delivery'),
    ...comparePlacement(baseline, candidate),
    baseline_key: contextKey(baseline),
    current_key: contextKey(candidate),
  };
};

const shown = (value: unknown): string => {
  if (value === null) return 'not stated';
  return typeof value === 'string' ? value : canonicalJson(value);
};

/** A difference as it stands in files, where a field may be one of another version. */
interface StatedDifference {
  readonly field: string;
  readonly baseline: unknown;
  readonly current: unknown;
}

const change = ({ field, baseline, current: candidate }: StatedDifference): string =>
  `${field} ${shown(baseline)} -> ${shown(candidate)}`;

/** Lines for a person, the loudest first; empty when there is nothing to warn of. */
export const contextWarnings = ({
  mismatches,
  varies,
  delivery_differs,
}: {
  readonly mismatches: readonly StatedDifference[];
  readonly varies: readonly StatedDifference[];
  readonly delivery_differs: boolean;
}): string[] => [
  ...(mismatches.length > 0
    ? [`CONTEXT MISMATCH outside the declared axis: ${mismatches.map(change).join('; ')}`]
    : []),
  ...(delivery_differs && varies.some(({ field }) => field === 'delivery')
    ? ['delivery differs: a number of one delivery is no evidence for another']
    : []),
];
