// Validates values against JSON Schemas that users bring.
import { inputFault } from './fault.ts';
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

/**
 * Every violation of `schema` by `value`; empty when valid. The draft follows `$schema` (2020-12 without one).
 * Throws a Fault `schema_invalid` when the schema itself is wrong.
 */
export const schemaViolations = async (
  schema: JsonValue,
  value: JsonValue,
  schemaPath: string,
): Promise<SchemaViolation[]> => {
  if (!isJsonObject(schema) && typeof schema !== 'boolean')
    throw inputFault('schema_invalid', `${schemaPath} is not a JSON Schema`, { path: schemaPath });
  const draft = isJsonObject(schema) && typeof schema['$schema'] === 'string' ? schema['$schema'] : '';
  const ajv = await openAjv(draft);
  const { $schema: _draft, ...undated } = isJsonObject(schema) ? schema : {};
  const body = isJsonObject(schema) && /draft-0[46]/.test(draft) ? undated : schema;
  try {
    const validate = ajv.compile(body);
    if (validate(value)) return [];
    return (validate.errors ?? []).map((error) => ({
      at: error.instancePath,
      message: error.message ?? error.keyword,
    }));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw inputFault('schema_invalid', `${schemaPath} is not a valid JSON Schema: ${message}`, {
      path: schemaPath,
      cause,
      fix: 'correct the schema, or drop it',
    });
  }
};
