// Trials as a caller states them, checked. Every trial names its values by metric; what it does not say is null, never
// guessed.
import { z } from 'zod';
import type { ReplicateLevel, Trial } from '../metrics/trial.ts';
import { VALIDITY_CODES } from '../metrics/trial.ts';
import { Fault } from '../text/fault.ts';
import { nearestName } from '../text/nearest.ts';
import { REPLICATE_LEVELS } from './given-context.ts';

const valuesSchema = z.record(z.string(), z.number());

const givenTrialSchema = z
  .strictObject({
    index: z.number().int().nonnegative().optional(),
    block: z.number().int().nonnegative().nullable().optional(),
    started_at: z.string().nullable().optional(),
    replicate_level: z.enum(REPLICATE_LEVELS).nullable().optional(),
    values: valuesSchema.optional(),
    metrics: valuesSchema.optional(),
    validity: z.array(z.enum(VALIDITY_CODES)).optional(),
    gpu_uuids: z.array(z.string()).nullable().optional(),
  })
  .refine(({ values, metrics }) => (values === undefined) !== (metrics === undefined), 'give values or metrics');

/** The stated trials. Throws a Fault `trials_invalid` that names trial, field and what is wrong. */
export const parseTrials = (given: readonly unknown[], level: ReplicateLevel | undefined): Trial[] => {
  const parsed = z.array(givenTrialSchema).min(1).safeParse(given);
  if (!parsed.success) {
    const stated = parsed.error.issues.map(({ path, message }) => `trials.${path.join('.')}: ${message}`);
    throw new Fault('usage', 'trials_invalid', stated.slice(0, 5).join('; '), {
      fix: 'give each trial as {"values": {"ttft_p50_ms": 41.8}, "replicate_level": "process", "validity": []}',
    });
  }
  return parsed.data.map((trial, index) => ({
    index: trial.index ?? index,
    block: trial.block ?? null,
    started_at: trial.started_at ?? null,
    replicate_level: trial.replicate_level ?? level ?? null,
    values: trial.values ?? trial.metrics ?? {},
    validity: trial.validity ?? ['no_telemetry'],
    gpu_uuids: trial.gpu_uuids ?? null,
  }));
};

/** Trials of one number, under `name`, where every trial holds nothing but `name` or `value`; else undefined. */
export const trialsOfOneNumber = (trials: readonly Trial[], name: string): Trial[] | undefined => {
  const renamed = trials.flatMap((trial) => {
    const [[key, value] = [], ...others] = Object.entries(trial.values);
    const isIt = (key === name || key === 'value') && others.length === 0;
    return isIt && value !== undefined ? [{ ...trial, values: { [name]: value } }] : [];
  });
  return renamed.length === trials.length ? renamed : undefined;
};

/** Throws a Fault `trial_metric_unknown` where a trial holds a metric that the source has not. */
export const requireKnownMetrics = (trials: readonly Trial[], keys: readonly string[]): void => {
  const known = new Set(keys);
  for (const { index, values } of trials)
    for (const key of Object.keys(values)) {
      if (known.has(key)) continue;
      const nearest = nearestName(key, keys.slice(0, 1000));
      throw new Fault('usage', 'trial_metric_unknown', `trial ${index} holds ${key}, which the source does not`, {
        fix: nearest === undefined ? 'name the metrics as the source does' : `did you mean ${nearest}?`,
      });
    }
};
