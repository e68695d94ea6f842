// Takes secrets out of JSON before it is stored. Keys stay; a value whose key names a secret is replaced as a whole.
import { isJsonObject, type JsonValue } from '../text/json.ts';
import { isSecretName, redact } from '../text/redact.ts';

const MARK = '[redacted]';

const hides = (key: string, value: JsonValue): boolean =>
  isSecretName(key) && typeof value === 'string' && value !== '';

/** The value without anything that looks like a credential or equals one of `known`. */
export const redactJson = (value: JsonValue, known: readonly string[]): JsonValue => {
  if (typeof value === 'string') return redact(value, known);
  if (Array.isArray(value)) return value.map((item) => redactJson(item, known));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [key, hides(key, item) ? MARK : redactJson(item, known)]));
};
