// The estimate of the load that a row or a caller states: how its sizes share the model, in which format its cache is, how many tokens a
// step yields. What nobody states is assumed aloud.
import { estimate, type Estimate } from './estimate.ts';
import type { KvFormat } from './kv-cache.ts';
import type { HardwareRates } from './rates.ts';
import { kvFormatOfRow, placementOfRow, speculation, type RowFacts, type RowModel } from './row-bound.ts';

export interface LoadRequest {
  readonly facts: RowFacts;
  readonly read: RowModel;
  readonly hardware: HardwareRates;
  /** Mean keys of a query in decode. */
  readonly contextTokens: number;
  readonly fp8Dispatch?: boolean | undefined;
  /** Draft tokens of a step and what it yields, in place of what the facts say. */
  readonly drafts?: ReturnType<typeof speculation> | undefined;
}

export interface LoadEstimate {
  readonly estimated: Estimate;
  readonly replicas: number;
  readonly kvFormat: KvFormat;
  readonly promptTokens: number | null;
  readonly assumptions: readonly string[];
}

/** Mean keys of a query: the prompt and half of the output. */
export const meanContext = (input: number, output: number): number => Math.max(1, input + Math.ceil(output / 2));

const promptOf = ({ mean_input_tokens: prompt }: RowFacts): number | null =>
  prompt === null || prompt < 1 ? null : Math.round(prompt);

/** Throws a Fault `parallelism_unknown`, `kv_format_unknown`, `estimate_invalid` or `ceiling_missing`. */
export const estimateOfLoad = ({ facts, read, hardware, contextTokens, fp8Dispatch, drafts: given }: LoadRequest): LoadEstimate => {
  const assumptions: string[] = [];
  const assume = (text: string): void => void assumptions.push(text);
  const { model, kvCache } = read;
  const { deployment, replicas } = placementOfRow(facts, model, fp8Dispatch);
  const kvFormat = kvFormatOfRow(facts, kvCache, assume);
  const { drafts, perStep } = given ?? speculation(facts, assume);
  const promptTokens = promptOf(facts);
  const estimated = estimate({
    model,
    hardware,
    deployment,
    kvFormat,
    concurrency: facts.concurrency / replicas,
    contextTokens,
    promptTokens,
    draftTokens: drafts,
    acceptanceLength: perStep,
  });
  return { estimated, replicas, kvFormat, promptTokens, assumptions };
}; // prettier-ignore
