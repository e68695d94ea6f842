// Validates values against JSON Schemas that users bring. A pattern in them may take any time, so the check has a limit.
import { Fault, inputFault } from './fault.ts';
import { isJsonObject, type JsonValue } from './json.ts';
import { withinTime } from './within-time.ts';

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

const tooSlow = (schemaPath: string, limitMs: number): Fault =>
  inputFault('schema_too_slow', `the check against ${schemaPath} takes more than ${limitMs / 1000} s`, {
    path: schemaPath,
    fix: 'look for a pattern with nested repeats, such as ^(a+)+$, and write it without them',
  });

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
    if (
      withinTime(
        () => validate(value),
        limitMs,
        () => tooSlow(schemaPath, limitMs),
      )
    )
      return [];
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
