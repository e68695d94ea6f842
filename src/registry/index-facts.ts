// What the index says of entries, so that a list can be narrowed without reading them. Never says anything that a row does not.
import { linesBackward } from '../fs/append-line.ts';
import { isOldRow, parseRow } from './index-row.ts';
import type { Place } from './layout.ts';

/** What lists are narrowed by. `units` null: the row does not say. */
export interface IndexedFacts {
  readonly hardware: string | null;
  readonly model: string | null;
  readonly units: readonly string[] | null;
}

/** What the newest row of a slug says; undefined where the index has none that does. */
export type FactsOf = (slug: string) => IndexedFacts | undefined;

/**
 * Runs `use` with the index at hand. It is read from its end, and only as far as the slugs asked for take: who asks for the newest
 * first reads little.
 */
export const withIndex = async <T>(place: Place, use: (factsOf: FactsOf) => Promise<T>): Promise<T> => {
  const lines = linesBackward(place.rows);
  const passed = new Map<string, IndexedFacts>();
  const factsOf: FactsOf = (slug) => {
    const known = passed.get(slug);
    if (known !== undefined) return known;
    for (let next = lines.next(); next.done !== true; next = lines.next()) {
      const row = parseRow(next.value);
      if (row === undefined || isOldRow(row) || passed.has(row.slug)) continue;
      const { hardware = null, model = null, units = null } = row;
      const facts = { hardware, model, units };
      if (row.slug === slug) return facts;
      passed.set(row.slug, facts);
    }
    return undefined;
  };
  try {
    return await use(factsOf);
  } finally {
    lines.return(undefined);
  }
};
