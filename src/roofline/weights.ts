// Parameters and bytes of a model, by group of modules and by format: what is resident, what one token reads, what one rank
// holds. Every estimate takes its weights from here, so that counts and bounds can never disagree.
import {
  layerModules,
  outerModules,
  predictionModules,
  type ModuleGroup,
  type Modules,
  type Split,
} from './layer-modules.ts';
import type { LayerShape, ModelShape } from './model-shape.ts';
import type { FormatOfModule } from './read-quantisation.ts';
import { BF16, matrixBytes, type WeightFormat } from './weight-format.ts';

/** Alike weights: one group, one format, one way to be divided. */
export interface WeightPart {
  readonly group: ModuleGroup;
  readonly format: WeightFormat;
  readonly split: Split;
  /** Matrix elements; 2 FLOP each per row. */
  readonly matrixParams: number;
  readonly vectorParams: number;
  readonly matrixBytes: number;
  readonly vectorBytes: number;
  /** Experts that it spreads over in each layer, and how many a token takes; null for what every token takes. */
  readonly experts: { readonly count: number; readonly perToken: number } | null;
}

export interface ModelWeights {
  readonly main: readonly WeightPart[];
  /** Layers for multi-token prediction. */
  readonly mtp: readonly WeightPart[];
}

type Draft = { -readonly [Key in keyof WeightPart]: WeightPart[Key] };

const splitKey = (split: Split): string => (typeof split === 'object' ? `kv${split.kvHeads}` : split);

/** Adds what is alike into one part. */
class Parts {
  private readonly byKey = new Map<string, Draft>();

  part(group: ModuleGroup, format: WeightFormat, split: Split, experts: WeightPart['experts']): Draft {
    const key = `${group} ${format.name} ${splitKey(split)} ${experts?.count ?? ''}`;
    const found = this.byKey.get(key);
    if (found !== undefined) return found;
    const made = { group, format, split, matrixParams: 0, vectorParams: 0, matrixBytes: 0, vectorBytes: 0, experts };
    this.byKey.set(key, made);
    return made;
  }

  list(): WeightPart[] {
    return [...this.byKey.values()];
  }
}

/** Vectors ride along with the matrices of their group, so that an operation moves them; norms are their own group. */
const addModules = (
  parts: Parts,
  { matrices, vectors }: Modules,
  prefix: string,
  formatOf: FormatOfModule,
  experts: WeightPart['experts'],
): void => {
  const formats = new Map<ModuleGroup, WeightFormat>();
  for (const { group, module, out, columns, split, count } of matrices) {
    const format = formatOf(`${prefix}${module}`);
    if (!formats.has(group)) formats.set(group, format);
    const part = parts.part(group, format, split, group === 'expert_routed' ? experts : null);
    part.matrixParams += count * out * columns;
    part.matrixBytes += count * matrixBytes(format, out, columns);
  }
  for (const { group, elements, bytesPerElement, split } of vectors) {
    const part = parts.part(group, formats.get(group) ?? BF16, split, group === 'expert_routed' ? experts : null);
    part.vectorParams += elements;
    part.vectorBytes += elements * bytesPerElement;
  }
};

const expertsOf = ({ mlp }: LayerShape): WeightPart['experts'] =>
  mlp?.kind === 'moe' ? { count: mlp.experts, perToken: mlp.perToken } : null;

const addLayer = (parts: Parts, layer: LayerShape, hidden: number, formatOf: FormatOfModule): void =>
  addModules(parts, layerModules(layer, hidden), `model.layers.${layer.index}.`, formatOf, expertsOf(layer));

/** Weights of a model in the formats that its checkpoint states. */
export const modelWeights = (shape: ModelShape, formatOf: FormatOfModule): ModelWeights => {
  const [main, mtp] = [new Parts(), new Parts()];
  addModules(main, outerModules(shape), '', formatOf, null);
  for (const layer of shape.layers) addLayer(main, layer, shape.hidden, formatOf);
  for (const layer of shape.mtpLayers) {
    addLayer(mtp, layer, shape.hidden, formatOf);
    addModules(mtp, predictionModules(shape.hidden), `model.layers.${layer.index}.`, formatOf, null);
  }
  return { main: main.list(), mtp: mtp.list() };
};

/** All matrices except embedding, router and lm_head in one format, whatever the checkpoint says. */
export const everyMatrixIn =
  (format: WeightFormat): FormatOfModule =>
  (module) =>
    /(^lm_head|embed_tokens|\.mlp\.gate|shared_expert_gate|indexers_proj|conv1d|eh_proj)$/.test(module) ? BF16 : format;

const sum = (parts: readonly WeightPart[], of: (part: WeightPart) => number): number =>
  parts.reduce((total, part) => total + of(part), 0);

const paramsOf = ({ matrixParams, vectorParams }: WeightPart): number => matrixParams + vectorParams;
export const bytesOf = (part: WeightPart): number => part.matrixBytes + part.vectorBytes;

/** Share of a part that one token uses. */
const usedShare = ({ experts }: WeightPart): number => (experts === null ? 1 : experts.perToken / experts.count);

const byGroup = (parts: readonly WeightPart[], of: (part: WeightPart) => number): Record<string, number> => {
  const totals: Record<string, number> = {};
  for (const part of parts) totals[part.group] = (totals[part.group] ?? 0) + of(part);
  return totals;
};

export interface WeightCounts {
  readonly paramsByGroup: Readonly<Record<string, number>>;
  readonly paramsTotal: number;
  readonly paramsMtp: number;
  /** Publishers differ in whether the embedding counts as active. */
  readonly paramsActiveWithEmbedding: number;
  readonly paramsActiveWithoutEmbedding: number;
  readonly bytesByGroup: Readonly<Record<string, number>>;
  /** `vectors` apart from the formats of matrices. */
  readonly bytesByFormat: Readonly<Record<string, number>>;
  readonly bytesTotal: number;
  readonly bytesMtp: number;
  /** Read for one token: its experts, one row of the embedding. */
  readonly bytesOneToken: number;
  readonly linearFlopsPerToken: number;
  readonly linearFlopsPerTokenWithoutHead: number;
}

const bytesByFormat = (parts: readonly WeightPart[]): Record<string, number> => {
  const totals: Record<string, number> = { vectors: sum(parts, ({ vectorBytes }) => vectorBytes) };
  for (const { format, matrixBytes } of parts)
    if (matrixBytes > 0) totals[format.name] = (totals[format.name] ?? 0) + matrixBytes;
  return totals;
};

const isEmbedding = ({ group }: WeightPart): boolean => group === 'embedding';

/** Counts of a model: parameters, bytes, and the FLOPs of its matrices for one token (1 multiply-add = 2 FLOP). */
export const countWeights = ({ hidden }: ModelShape, { main, mtp }: ModelWeights): WeightCounts => {
  const read = main.filter((part) => !isEmbedding(part));
  const active = sum(main, (part) => paramsOf(part) * usedShare(part));
  const flops = (parts: readonly WeightPart[]): number => sum(parts, (part) => 2 * part.matrixParams * usedShare(part));
  return {
    paramsByGroup: byGroup(main, paramsOf),
    paramsTotal: sum(main, paramsOf),
    paramsMtp: sum(mtp, paramsOf),
    paramsActiveWithEmbedding: active,
    paramsActiveWithoutEmbedding: active - sum(main.filter(isEmbedding), paramsOf),
    bytesByGroup: byGroup(main, bytesOf),
    bytesByFormat: bytesByFormat(main),
    bytesTotal: sum(main, bytesOf),
    bytesMtp: sum(mtp, bytesOf),
    bytesOneToken: sum(read, (part) => bytesOf(part) * usedShare(part)) + 2 * hidden,
    linearFlopsPerToken: flops(read),
    linearFlopsPerTokenWithoutHead: flops(read.filter(({ group }) => group !== 'lm_head')),
  };
};
