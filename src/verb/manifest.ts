// The compact description of every verb that the server and the command line work from without loading the verbs.
import type { Family, Safety } from './vocabulary.ts';

/** JSON Schema of one field, as far as flags and help need it. */
export interface FieldSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly (string | number)[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly items?: FieldSchema;
  readonly anyOf?: readonly FieldSchema[];
  /** Further keywords, which only validators read. */
  readonly [keyword: string]: unknown;
}

export interface InputSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties: false;
}

/** Hints of the Model Context Protocol, all four always set. */
export interface Annotations {
  readonly title: string;
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

export interface ManifestEntry {
  readonly name: string;
  readonly family: Family;
  readonly library: string;
  readonly verb: string;
  readonly safety: Safety;
  readonly description: string;
  readonly annotations: Annotations;
  readonly input_schema: InputSchema;
  /** Fields that the list of tools leaves out. */
  readonly seldom?: readonly string[];
  /** Its result is a page to explore. */
  readonly explored?: true;
  readonly positionals: readonly string[];
  readonly aliases: Readonly<Record<string, string>>;
  readonly keyed_flags: Readonly<Record<string, string>>;
  /** Fields of one value, and the field that takes several of them. */
  readonly lists?: Readonly<Record<string, string>>;
  readonly time_limit_s: number;
  /** Example inputs with their titles. */
  readonly examples: readonly {
    readonly title: string;
    readonly input: Readonly<Record<string, unknown>>;
    readonly needs?: string;
  }[];
}
