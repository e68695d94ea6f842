// Validates values against JSON Schemas that users bring. The only importer of `ajv`.
import { inputFault } from './fault.ts';
import { isJsonObject, type JsonValue } from './json.ts';

export interface SchemaViolation {
  /** JSON Pointer of the offending value; empty for the document itself. */
  readonly at: string;
  readonly message: string;
}

const loadAjv = async (draft: string) => {
  const options = { allErrors: true, strict: false, allowUnionTypes: true };
  if (/draft-0[467]/.test(draft)) {
    const { Ajv } = await import('ajv');
    return new Ajv({ ...options, meta: draft.includes('draft-07') });
  }
  if (draft.includes('2019-09')) {
    const { Ajv2019 } = await import('ajv/dist/2019.js');
    return new Ajv2019(options);
  }
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  return new Ajv2020(options);
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
  const ajv = await loadAjv(draft);
  const { default: formats } = await import('ajv-formats');
  formats.default(ajv);
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
