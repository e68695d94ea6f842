// A call as a person types it: the flags of its fields. The opposite of reading flags; runs nothing.
import { shellLine } from '../text/shell-line.ts';
import type { ManifestEntry } from './manifest.ts';

/** `ttft_ms` as a flag: `--ttft-ms`. */
export const flagOf = (field: string): string => `--${field.replaceAll('_', '-')}`;

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const fieldWords = ([field, value]: [string, unknown]): string[] => {
  if (value === true) return [flagOf(field)];
  if (value === false) return [`--no-${flagOf(field).slice(2)}`];
  if (Array.isArray(value) && value.every((item) => typeof item === 'number')) return [flagOf(field), value.join(',')];
  if (Array.isArray(value)) return value.flatMap((item) => [flagOf(field), valueText(item)]);
  return [flagOf(field), valueText(value)];
};

/** One line for a POSIX shell. */
export const commandLine = (
  program: string,
  { name }: Pick<ManifestEntry, 'name'>,
  input: Readonly<Record<string, unknown>>,
): string => shellLine([program, name, ...Object.entries(input).flatMap(fieldWords)]);
