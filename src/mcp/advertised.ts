// The short form of a verb that the list of tools carries: names, types, enums, what is required and the first sentence of each
// description. What the server checks beyond that is in the full schema (find_verb, perf://verbs, schemas/). Pure.
import { shortMeaning } from '../verb/field-text.ts';
import type { Annotations, FieldSchema, ManifestEntry } from '../verb/manifest.ts';
import { ACK_FIELD, commonFields } from '../verb/vocabulary.ts';

/** Open on purpose: common fields are accepted everywhere without being listed, and the server names wrong ones. */
export interface AdvertisedSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
}

/** Type, enum and kind of elements. Where one value or a list is taken, the list; of several kinds of value, the text. */
const typeOf = (schema: FieldSchema): FieldSchema => {
  const variants = schema.anyOf ?? [];
  const wanted = (kind: string) => variants.find(({ type }) => type === kind);
  const chosen = wanted('array') ?? wanted('string') ?? variants[0];
  if (chosen !== undefined) return typeOf(chosen);
  const { type: types, enum: values, const: constant, items } = schema;
  const type = typeof types === 'string' ? types : types?.[0];
  return {
    ...(type === undefined ? {} : { type }),
    ...(values === undefined ? {} : { enum: values }),
    ...(constant === undefined ? {} : { const: constant }),
    ...(items === undefined ? {} : { items: typeOf(items) }),
  };
};

/** The acknowledgement is described once, in the server's instructions. */
const fieldOf = (name: string, schema: FieldSchema): FieldSchema => {
  const description = name === ACK_FIELD ? '' : shortMeaning(name, schema);
  return { ...typeOf(schema), ...(description === '' ? {} : { description }) };
};

/** The input schema as the list of tools shows it. */
export const advertisedSchema = ({ input_schema: schema, safety, seldom = [] }: ManifestEntry): AdvertisedSchema => {
  const common = [...commonFields(safety), ...seldom];
  const own = Object.entries(schema.properties).filter(([name]) => !common.includes(name));
  return {
    type: 'object',
    properties: Object.fromEntries(own.map(([name, field]) => [name, fieldOf(name, field)])),
    ...(schema.required === undefined ? {} : { required: schema.required }),
  };
};

/** The hints of a verb, without those that say what their absence means by the protocol. */
export const advertisedHints = ({ annotations }: ManifestEntry): Partial<Annotations> => {
  const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = annotations;
  return {
    readOnlyHint,
    destructiveHint,
    ...(idempotentHint && !readOnlyHint ? { idempotentHint } : {}),
    ...(openWorldHint ? {} : { openWorldHint }),
  };
};
