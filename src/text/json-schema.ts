// Validates values against JSON Schemas that users bring. A pattern in them may take any time, so the check has a limit.
import { Script, createContext } from 'node:vm';
import { Fault, inputFault } from './fault.ts';
import { isJsonObject, type JsonValue } from './json.ts';

export interface SchemaViolation {
  /** JSON Pointer of the offending value; empty for the document itself. */
  readonly at: string;
  readonly message: string;
}

const openAjv = async (draft: string) => {
  const { Ajv, Ajv2019, Ajv2020, formats } = await import('./ajv-package.ts');
  const options = { allErrors: true, strict: false, allowUnionTypes: true };
  const ajv = /draft-0[467]/.test(draft)
    ? new Ajv({ ...options, meta: draft.includes('draft-07') })
    : draft.includes('2019-09')
      ? new Ajv2019(options)
      : new Ajv2020(options);
  formats.default(ajv);
  return ajv;
};

/** Milliseconds that a check may take. */
const LONGEST_CHECK_MS = 10_000;

/** The result of `work`, which is ended in the middle of a pattern when its time is up. */
const withinTime = <T>(work: () => T, schemaPath: string, limitMs: number): T => {
  let result: T | undefined;
  const context = createContext({ work: () => void (result = work()) });
  try {
    new Script('work()').runInContext(context, { timeout: limitMs });
  } catch (error) {
    // Not an Error of this realm.
    if (Object(error).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw inputFault('schema_too_slow', `the check against ${schemaPath} takes more than ${limitMs / 1000} s`, {
      path: schemaPath,
      fix: 'look for a pattern with nested repeats, such as ^(a+)+$, and write it without them',
    });
  }
  return result as T; // checked boundary: `work` has returned
};

/**
 * Every violation of `schema` by `value`; empty when valid. The draft follows `$schema` (2020-12 without one).
 * Throws a Fault `schema_invalid` when the schema itself is wrong, `schema_too_slow` when the check takes too long.
 */
export const schemaViolations = async (
  schema: JsonValue,
  value: JsonValue,
  schemaPath: string,
  limitMs: number = LONGEST_CHECK_MS,
): Promise<SchemaViolation[]> => {
  if (!isJsonObject(schema) && typeof schema !== 'boolean')
    throw inputFault('schema_invalid', `${schemaPath} is not a JSON Schema`, { path: schemaPath });
  const draft = isJsonObject(schema) && typeof schema['$schema'] === 'string' ? schema['$schema'] : '';
  const ajv = await openAjv(draft);
  const { $schema: _draft, ...undated } = isJsonObject(schema) ? schema : {};
  const body = isJsonObject(schema) && /draft-0[46]/.test(draft) ? undated : schema;
  try {
    const validate = ajv.compile(body);
    if (withinTime(() => validate(value), schemaPath, limitMs)) return [];
    return (validate.errors ?? []).map((error) => ({
      at: error.instancePath,
      message: error.message ?? error.keyword,
    }));
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw inputFault('schema_invalid', `${schemaPath} is not a valid JSON Schema: ${message}`, {
      path: schemaPath,
      cause,
      fix: 'correct the schema, or drop it',
    });
  }
};
