// A profile diff as text, for files that are read and kept: one line for each member, one for each row of a table.
import type { ProfileDiff } from '../../../src/profile/diff/profile-diff-schema.ts';

/** Times to a thousandth of a ns, so that what is left of rounding is 0; other numbers to twelve digits. */
const ROUNDED = (name: string, value: unknown): unknown => {
  if (typeof value !== 'number') return value;
  return name.endsWith('_ns') ? Math.round(value * 1000) / 1000 + 0 : Number(value.toPrecision(12));
};

export const asText = (diff: Partial<ProfileDiff>): string =>
  Object.entries(diff)
    .flatMap(([name, value]) =>
      Array.isArray(value) && value.length > 0
        ? [`${name}:`, ...value.map((row) => `  ${JSON.stringify(row, ROUNDED)}`)]
        : [`${name}: ${JSON.stringify(value, ROUNDED)}`],
    )
    .join('\n');
