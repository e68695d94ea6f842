// Checks a parsed configuration file against its schema and says what is wrong as one fault: file, place, value, fix. Never
// lets an unknown key pass.
import type { z } from 'zod';
import { type Fault, inputFault } from './fault.ts';
import { shapeHint, type FileShape } from './file-shape.ts';
import { nearestName } from './nearest.ts';

/** `[3].direction` for a path of keys and positions. */
const placeOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');

interface Subject {
  /** Names the file in errors. */
  readonly path: string;
  /** Stable code of the fault. */
  readonly code: string;
  /** Keys that an object in the file may have, for the nearest-name hint. */
  readonly keys: readonly string[];
  /** Its shape, which errors name. */
  readonly shape?: FileShape;
}

const faultOf = (issue: z.core.$ZodIssue, { path, code, keys, shape }: Subject): Fault => {
  const at = placeOf(issue.path);
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const nearest = unknown === undefined ? undefined : nearestName(unknown, keys);
  const fix =
    unknown === undefined
      ? `correct ${at === '' ? 'the file' : at}`
      : `use ${nearest === undefined ? `one of ${keys.join(', ')}` : nearest}`;
  const whole = shape === undefined ? fix : `${fix}; ${shapeHint(shape)}`;
  return inputFault(code, `${path}: ${issue.message}${at === '' ? '' : ` at ${at}`}`, { path, at, fix: whole });
};

/** The checked value, or a Fault that names the first place that does not fit. */
export const checkAgainst = <T>(schema: z.ZodType<T>, value: unknown, subject: Subject): T => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw issue === undefined ? inputFault(subject.code, `${subject.path} does not fit`) : faultOf(issue, subject);
};
