import { describe, expect, it } from 'vitest';
import { numberAt, objectAt, textAt } from '../../src/importers/json-fields.ts';
import { boundOf, type Rates } from '../../src/roofline/bound.ts';
import { decodeStep, prefillStep, type Model } from '../../src/roofline/build-step.ts';
import { languageModel } from '../../src/roofline/config-fields.ts';
import { estimate } from '../../src/roofline/estimate.ts';
import { kvFormatOf } from '../../src/roofline/kv-cache.ts';
import { readModelShape } from '../../src/roofline/read-model-shape.ts';
import { readQuantisation } from '../../src/roofline/read-quantisation.ts';
import { gpuCount, type Deployment, type Step } from '../../src/roofline/step.ts';
import { NAMED_FORMATS } from '../../src/roofline/weight-format.ts';
import { everyMatrixIn, modelWeights } from '../../src/roofline/weights.ts';
import { isJsonObject, type JsonObject } from '../../src/text/json.ts';
import { absent, checkpoint, CHECKPOINTS, physics } from './golden.ts';

const number = (object: JsonObject, key: string): number => numberAt(object, key, 'golden') ?? Number.NaN;

const modelOf = (name: string, weights: string): Model => {
  const { config, side, path } = checkpoint(CHECKPOINTS[name] ?? name);
  const shape = readModelShape(config, path);
  const format = NAMED_FORMATS[weights];
  const formatOf =
    format === undefined ? readQuantisation(config, languageModel(config), side, path).formatOf : everyMatrixIn(format);
  return { shape, weights: modelWeights(shape, formatOf) };
};

const deploymentOf = (assumed: JsonObject): Deployment => {
  const mode = textAt(assumed, 'mode');
  return {
    mode: mode === 'tp_ep' || mode === 'dp_ep' ? mode : 'tp',
    ranks: number(assumed, 'group_ranks'),
    stages: number(assumed, 'pipeline_stages'),
    dispatchBytes: number(assumed, 'dispatch_bytes_per_element'),
  };
};

const ratesOf = (hardware: JsonObject): Rates => {
  const peak = (key: string): number | null => {
    const value = numberAt(hardware, key, 'golden');
    return value === undefined ? null : value * 1e12;
  };
  const link = number(hardware, 'link_one_way') * 1e9;
  return {
    bf16: peak('bf16_dense'),
    fp8: peak('fp8_dense'),
    nvfp4: peak('fp4_dense'),
    mxfp4: null,
    int8: null,
    hbm: number(hardware, 'hbm_bandwidth') * 1e12,
    link,
    pipelineLink: null,
  };
};

const stepOf = (model: Model, assumed: JsonObject): Step => {
  const deployment = deploymentOf(assumed);
  const kvFormat = kvFormatOf(textAt(assumed, 'kv_format') ?? '');
  if ('prompts' in assumed)
    return prefillStep(model, deployment, kvFormat, {
      prompts: number(assumed, 'prompts'),
      newTokens: number(assumed, 'new_tokens_per_prompt'),
      cachedTokens: number(assumed, 'cached_prefix_tokens'),
      chunkTokens: number(assumed, 'chunk_tokens'),
    });
  return decodeStep(model, deployment, kvFormat, {
    concurrency: number(assumed, 'concurrency'),
    contextTokens: number(assumed, 'context_tokens'),
    draftTokens: number(assumed, 'draft_tokens_K'),
  });
};

/** Equal within 1e-9 of the derived value. */
const expectClose = (actual: Readonly<Record<string, unknown>>, expected: Readonly<Record<string, unknown>>): void => {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [key, value] of Object.entries(expected)) {
    const mine = actual[key];
    if (typeof value !== 'number') expect(mine, key).toBe(value);
    else if (value === 0) expect(Math.abs(Number(mine)), key).toBeLessThan(1e-9);
    else expect(Math.abs(Number(mine) / value - 1), `${key}: ${mine} for ${value}`).toBeLessThan(1e-9);
  }
};

describe.skipIf(absent)('the bound of a step is the derived one', () => {
  const golden = absent ? {} : physics();
  const points = Array.isArray(golden['points']) ? golden['points'].filter(isJsonObject) : [];

  it('has thirty points', () => {
    expect(points).toHaveLength(30);
  });

  it.each(
    points.map(
      (point) => [`${textAt(point, 'id')} ${textAt(point, 'model')} ${textAt(point, 'phase')}`, point] as const,
    ),
  )('%s', (_, point) => {
    const assumed = objectAt(point, 'assumptions');
    const values = objectAt(point, 'values');
    const step = stepOf(modelOf(textAt(point, 'model') ?? '', textAt(assumed, 'weights') ?? ''), assumed);
    const bound = boundOf(step, ratesOf(objectAt(objectAt(golden, 'hardware'), textAt(assumed, 'hardware') ?? '')));
    const ms = (seconds: number): number => 1000 * seconds;

    const operations = objectAt(point, 'operations_per_rank');
    expect(bound.operations.map(({ name }) => name).sort()).toEqual(Object.keys(operations).sort());
    for (const { name, flops, hbmBytes, seconds, limitedBy } of bound.operations)
      expectClose({ flops, hbm_bytes: hbmBytes, time: ms(seconds), limited_by: limitedBy }, objectAt(operations, name));

    const transfers = objectAt(point, 'communication_per_rank');
    const sent = step.passes.flatMap((pass) => pass.transfers);
    for (const name of Object.keys(transfers)) {
      const alike = sent.filter((transfer) => transfer.name === name);
      const sum = (of: (transfer: (typeof alike)[number]) => number): number =>
        alike.reduce((all, each) => all + of(each), 0);
      expectClose(
        {
          operations: sum(({ count }) => count),
          message_bytes: alike[0]?.messageBytes,
          sent_bytes_ring_or_per_selection: sum(({ ringBytes }) => ringBytes),
          sent_bytes_nvls_or_per_rank: sum(({ switchBytes }) => switchBytes),
        },
        objectAt(transfers, name),
      );
    }
    expect([...new Set(sent.map(({ name }) => String(name)))].sort()).toEqual(Object.keys(transfers).sort());

    const mine = {
      flops_per_rank: bound.flops,
      hbm_bytes_per_rank: bound.hbmBytes,
      compute_time_if_alone: ms(bound.computeSeconds),
      hbm_time_if_alone: ms(bound.hbmSeconds),
      link_time_ring_or_per_selection: ms(bound.linkSeconds.ring),
      link_time_nvls_or_per_rank: ms(bound.linkSeconds.switched),
      time_bound_sum_without_communication: ms(bound.withoutCommunication),
      time_bound_sum_ring_or_per_selection: ms(bound.sum.ring),
      time_bound_sum_nvls_or_per_rank: ms(bound.sum.switched),
      time_bound_overlapped_ring_or_per_selection: ms(bound.overlapped.ring),
      time_bound_overlapped_nvls_or_per_rank: ms(bound.overlapped.switched),
      overlapped_limiter: bound.overlappedLimiter,
      time_limited_by_compute_in_sum: ms(bound.limitedSeconds.compute),
      time_limited_by_hbm_in_sum: ms(bound.limitedSeconds.hbm),
      weight_bytes_resident_per_gpu_mean_over_stages: step.resident.weightBytes,
      kv_bytes_resident_per_gpu_mean_over_stages: step.resident.kvBytes,
    };
    expectClose(mine, Object.fromEntries(Object.keys(mine).map((key) => [key, values[key]])));
    expect(gpuCount(deploymentOf(assumed))).toBe(number(assumed, 'n_gpus'));
  });
});

describe.skipIf(absent)('rates of an estimate are the derived ones', () => {
  const golden = absent ? {} : physics();
  const points = Array.isArray(golden['points']) ? golden['points'].filter(isJsonObject) : [];

  it.each(
    points
      .filter((point) => textAt(point, 'phase') === 'decode')
      .map((point) => [`${textAt(point, 'id')} ${textAt(point, 'model')}`, point] as const),
  )('%s', (_, point) => {
    const assumed = objectAt(point, 'assumptions');
    const values = objectAt(point, 'values');
    const hardware = objectAt(objectAt(golden, 'hardware'), textAt(assumed, 'hardware') ?? '');
    const rates = ratesOf(hardware);
    const { lines, fits, distinctExperts } = estimate({
      model: modelOf(textAt(point, 'model') ?? '', textAt(assumed, 'weights') ?? ''),
      hardware: {
        hardware: 'golden',
        lines: { datasheet: rates, best: rates, typical: rates },
        capacityBytes: number(hardware, 'hbm_capacity_nominal') * 1e9,
        leastAllReduce: new Map(),
        disputed: [],
      },
      deployment: deploymentOf(assumed),
      kvFormat: kvFormatOf(textAt(assumed, 'kv_format') ?? ''),
      concurrency: number(assumed, 'concurrency'),
      contextTokens: number(assumed, 'context_tokens'),
      promptTokens: null,
      draftTokens: number(assumed, 'draft_tokens_K'),
      acceptanceLength: number(assumed, 'acceptance_length_tau'),
    });
    const ends = [lines[0], lines[1]].flatMap((line, index) => {
      const way = index === 0 ? 'nvls_or_per_rank' : 'ring_or_per_selection';
      return [
        [`tpot_bound_${way}`, line?.tpotMs],
        [`output_tok_s_per_gpu_bound_${way}`, line?.outputTokPerSecPerGpu],
        [`output_tok_s_per_user_bound_${way}`, line?.outputTokPerSecPerUser],
      ];
    });
    const mine = {
      ...Object.fromEntries(ends),
      fits_nominal_capacity: fits,
      expected_distinct_experts_per_layer: distinctExperts?.expected,
      worst_case_distinct_experts_per_layer: distinctExperts?.worst,
    };
    expectClose(mine, Object.fromEntries(Object.keys(mine).map((key) => [key, values[key]])));
  });
});
