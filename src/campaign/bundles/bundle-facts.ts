// The identity that a bundle states in a JSON file of its own (`inference_perfbench_v1.json`, `result.json`, a manifest): the
// names under which scripts keep it, in one table.
import { contextFrom, USUAL_NAMES } from '../../importers/context-fields.ts';
import { readNamedText } from '../../fs/named-text.ts';
import { isJsonObject, parseJsonObject, type JsonObject } from '../../text/json.ts';
import { identityOfContext, joinIdentities, type CellIdentity } from '../cell-identity.ts';

const NAMES = {
  ...USUAL_NAMES,
  hardware: [...(USUAL_NAMES.hardware ?? []), 'gpu'],
  image: ['image', 'vllm_version', 'vllm_image', 'vllm_commit'],
  prefix_caching: ['enable_prefix_caching', 'prefix_caching', 'prefix_cache'],
  spec_tokens: ['num_speculative_tokens', 'speculative_num_tokens', 'spec_decode_k', 'spec_tokens'],
  isl: [],
  osl: [],
};

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

const flag = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

/** `speculative_decoding`: a word, or an object of method and number of tokens. */
const speculation = (facts: JsonObject): CellIdentity => {
  const value = facts['speculative_decoding'];
  const method = isJsonObject(value) ? value['method'] : value;
  const tokens = isJsonObject(value) ? number(value['num_speculative_tokens']) : undefined;
  const named = typeof method === 'string' && method !== '' && method !== 'none';
  return { ...(named ? { mtp: true, spec_method: method } : {}), ...(tokens === undefined ? {} : { num_speculative_tokens: tokens }) };
}; // prettier-ignore

const cacheMode = (facts: JsonObject): CellIdentity => {
  const warm = flag(facts['warm']);
  return warm === undefined ? {} : { cache_mode: warm ? 'warm' : 'cold' };
};

/** What an object of settings says about a cell. */
export const identityOfFacts = (facts: JsonObject): CellIdentity => {
  const { hardware, ...rest } = identityOfContext(contextFrom(facts, NAMES));
  const hitRate = number(facts['prefix_cache_hit_rate']) ?? number(facts['gpu_prefix_cache_hit_rate']);
  const mtp = flag(facts['mtp']);
  const backend = facts['bench_backend'] ?? facts['backend_client'];
  return joinIdentities(
    {
      ...(mtp === undefined ? {} : { mtp }),
      ...(facts['enforce_eager'] === true ? { cudagraph_mode: 'eager' } : {}),
      ...(hitRate === undefined ? {} : { prefix_cache_hit_rate: hitRate }),
      ...(typeof backend === 'string' ? { bench_backend: backend } : {}),
      // `B200 x8` and `NVIDIA B200 180GB`: the word that names the GPU.
      ...(hardware === undefined ? {} : { hardware: hardware.replace(/^NVIDIA\s+/i, '').split(/\s/)[0] ?? hardware }),
    },
    cacheMode(facts),
    speculation(facts),
    rest,
  );
};

/** The facts of a JSON file. Throws the Fault of a file that is no JSON object. */
export const readFacts = async (path: string): Promise<JsonObject> => parseJsonObject(await readNamedText(path), path);
