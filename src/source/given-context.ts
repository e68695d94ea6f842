// Context and trials as a caller states them, checked and joined with what the file says. A contradiction is an error of the
// caller, not a choice of ours.
import type { z } from 'zod';
import { contextSchema, type Context } from '../metrics/context.ts';
import type { ReplicateLevel, Trial } from '../metrics/trial.ts';
import { sameContextValue } from '../verdict/context-match.ts';
import { Fault } from '../text/fault.ts';
import { shapeHint } from '../text/file-shape.ts';
import { nearestName } from '../text/nearest.ts';

export const REPLICATE_LEVELS = [
  'request',
  'window',
  'process',
  'placement',
] as const satisfies readonly ReplicateLevel[];

const issueText = (issue: z.core.$ZodIssue): string => {
  if (issue.code !== 'unrecognized_keys') return `${issue.path.join('.')}: ${issue.message}`;
  const fields = Object.keys(contextSchema.shape);
  return issue.keys
    .map(
      (key) =>
        `${key} is no context field${nearestName(key, fields) === undefined ? '' : ` (did you mean ${nearestName(key, fields)}?)`}`,
    )
    .join(', ');
};

/** The stated context. Throws a Fault `context_invalid` that names field and value. */
export const parseContext = (given: unknown): Context => {
  const parsed = contextSchema.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  throw new Fault('usage', 'context_invalid', `context: ${parsed.error.issues.map(issueText).join('; ')}`, {
    fix: `correct that field; ${shapeHint('context')}`,
  });
};

/**
 * What the caller states wins over silence. Of two spellings of one fact the file's is kept; where the file says something else,
 * that is a Fault `context_contradicts`.
 */
export const joinContext = (fromFile: Context, given: Context): Context => {
  for (const [field, value] of Object.entries(given)) {
    const stated = Reflect.get(fromFile, field);
    if (value === null || stated === undefined || stated === null) continue;
    if (!sameContextValue(field, stated, value))
      throw new Fault(
        'input',
        'context_contradicts',
        `context.${field} is ${JSON.stringify(value)}, but the file says ${JSON.stringify(stated)}`,
        {
          fix: `leave ${field} out, or correct it`,
          at: field,
        },
      );
  }
  const stated = Object.entries(given).filter(
    ([field, value]) => !(field in fromFile) || (value !== null && Reflect.get(fromFile, field) === null),
  );
  return { ...fromFile, ...Object.fromEntries(stated) };
};

/** Trials of one metric from plain values. */
export const trialsOfValues = (key: string, values: readonly number[], level: ReplicateLevel | null): Trial[] =>
  values.map((value, index) => ({
    index,
    block: null,
    started_at: null,
    replicate_level: level,
    values: { [key]: value },
    validity: ['no_telemetry'],
    gpu_uuids: null,
  }));

/** Trials with the stated level where they name none. */
export const withLevel = (trials: readonly Trial[], level: ReplicateLevel | undefined): readonly Trial[] =>
  level === undefined ? trials : trials.map((trial) => ({ ...trial, replicate_level: trial.replicate_level ?? level }));
