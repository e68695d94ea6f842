// The facts without which a number of inference says little: what has to stand beside it before it is compared or reported. A list
// of names; what is missing is named, never filled in.
import type { Context, ContextField } from './context.ts';

const FULL_CONTEXT: readonly ContextField[] = [
  'model', 'model_path', 'hardware', 'n_gpus', 'quant', 'kv_cache_dtype', 'tp', 'pp', 'dp', 'ep', 'parallel_strategy',
  'max_num_seqs', 'max_num_batched_tokens', 'gpu_memory_utilization', 'max_model_len', 'cudagraph_mode', 'async_scheduling',
  'prefix_caching', 'spec_method', 'dataset', 'isl', 'osl', 'num_prompts', 'cache_mode', 'engine', 'engine_version', 'image', 'driver',
]; // prettier-ignore

const isKnown = (value: unknown): boolean => value !== undefined && value !== null;

/** The facts that neither the whole nor all of its points state, in the order of the list. */
export const missingContext = (whole: Context, points: readonly Context[] = []): ContextField[] =>
  FULL_CONTEXT.filter(
    (field) => !isKnown(whole[field]) && !(points.length > 0 && points.every((point) => isKnown(point[field]))),
  );
