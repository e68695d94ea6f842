// The meaning of a field in words, for the list of tools (one sentence) and for help and pages (all of it). By convention the
// first sentence of a description holds what a first call needs; one that only repeats the field's name is left out.
import type { FieldSchema } from './manifest.ts';

/** Ends at the first full stop that a capital letter or a digit follows. */
const firstSentence = (text: string): string => /^.*?\.(?= [A-Z\d])/s.exec(text)?.[0] ?? text;

const words = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();

const repeatsName = (sentence: string, name: string): boolean => words(sentence) === words(name);

/** The first sentence; empty where there is none, or where it would only repeat the name. */
export const shortMeaning = (name: string, { description = '' }: FieldSchema): string => {
  const sentence = firstSentence(description);
  return repeatsName(sentence, name) ? '' : sentence;
};

/** The whole description, without a first sentence that only repeats the name. */
export const fullMeaning = (name: string, { description = '' }: FieldSchema): string => {
  const sentence = firstSentence(description);
  return repeatsName(sentence, name) && sentence !== description ? description.slice(sentence.length + 1) : description;
};

/** Type of a field as a reader writes it: `string`, `list of number`, `low | high`. */
export const typeText = (schema: FieldSchema): string => {
  if (schema.enum !== undefined) return schema.enum.map(String).join(' | ');
  if (schema.const !== undefined) return String(schema.const);
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeText).join(' or ');
  if (schema.type === 'array') return `list of ${typeText(schema.items ?? {})}`;
  return typeof schema.type === 'string' ? schema.type : 'any';
};
