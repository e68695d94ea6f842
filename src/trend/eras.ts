// Cuts a history into eras: stretches that may be compared at all. A new context or an accepted new level starts one.

/** One measurement of a history, oldest first. */
export interface TrendPoint {
  /** Slug of the registry entry, or any name that is unique in the history. */
  readonly id: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  /** Finite; the median when the entry holds trials. */
  readonly value: number;
  /** Key of the measurement context; points of different keys are never compared. */
  readonly context_key: string;
  readonly commit: string | null;
}

export type EraStart = 'first' | 'context_changed' | 'accepted';

export interface Era {
  readonly start: EraStart;
  /** Index of the first point in the whole history. */
  readonly from: number;
  readonly points: readonly TrendPoint[];
}

/** Eras in order; empty for an empty history. `accepted` holds ids of points whose level was accepted as the new normal. */
export const splitEras = (points: readonly TrendPoint[], accepted: readonly string[]): Era[] => {
  const starts = points.flatMap((point, index): { index: number; start: EraStart }[] => {
    const previous = points[index - 1];
    if (previous === undefined) return [{ index, start: 'first' }];
    if (previous.context_key !== point.context_key) return [{ index, start: 'context_changed' }];
    return accepted.includes(point.id) ? [{ index, start: 'accepted' }] : [];
  });
  return starts.map(({ index, start }, position) => ({
    start,
    from: index,
    points: points.slice(index, starts[position + 1]?.index),
  }));
};
