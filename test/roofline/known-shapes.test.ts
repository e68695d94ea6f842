import { describe, expect, it } from 'vitest';
import { findModel } from '../../src/roofline/find-model.ts';
import { modelOfConfigs } from '../../src/roofline/read-model.ts';
import { absent, checkpoint } from './golden.ts';

const places = { root: '/nonexistent', env: {}, productFolder: '.', signal: new AbortController().signal };

/** Names of shapes and of the publishers' own files. */
const SAME = [
  ['meta-llama/Llama-3.1-8B', 'meta-llama--Meta-Llama-3.1-8B'],
  ['meta-llama/Llama-3.1-70B', 'meta-llama--Meta-Llama-3.1-70B'],
  ['meta-llama/Llama-3.1-405B', 'meta-llama--Meta-Llama-3.1-405B'],
  ['Qwen/Qwen3-32B', 'Qwen--Qwen3-32B'],
  ['Qwen/Qwen3-235B-A22B', 'Qwen--Qwen3-235B-A22B'],
  ['deepseek-ai/DeepSeek-V3', 'deepseek-ai--DeepSeek-V3'],
  ['deepseek-ai/DeepSeek-R1', 'deepseek-ai--DeepSeek-R1'],
  ['zai-org/GLM-5.1', 'zai-org--GLM-5.1'],
  ['mistralai/Mixtral-8x7B-v0.1', 'mistralai--Mixtral-8x7B-v0.1'],
  ['moonshotai/Kimi-K2-Instruct', 'moonshotai--Kimi-K2-Instruct'],
] as const;

describe('the known shape', () => {
  it.skipIf(absent).each(SAME)('%s is the model of its publisher', async (name, file) => {
    const known = await findModel(name, places);
    const [ours, published] = [known, checkpoint(file)].map((configs) =>
      configs === null ? null : modelOfConfigs(configs),
    );
    expect(ours?.model).toEqual(published?.model);
    expect(ours?.counts).toEqual(published?.counts);
  });

  it.each(['Llama', 'deepseek-ai/DeepSeek-V3-NVFP4', 'other/DeepSeek-V3', ''])('%j is none', async (name) => {
    expect(await findModel(name, places)).toBeNull();
  });
});
