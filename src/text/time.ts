// Time stamps in the two forms the product writes, both UTC. Takes the moment as an argument, never reads the clock.

/** A moment with microseconds: milliseconds since the epoch and 0..999 further microseconds. */
export interface Moment {
  readonly epochMs: number;
  readonly micros: number;
}

/** The present, from the wall clock with the sub-millisecond part of the monotonic clock. */
export const presentMoment = (): Moment => {
  const precise = performance.timeOrigin + performance.now();
  const epochMs = Math.floor(precise);
  return { epochMs, micros: Math.floor((precise - epochMs) * 1000) };
};

/** `2026-11-22T02:08:16Z`. */
export const isoSeconds = (epochMs: number): string => new Date(epochMs).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** `20261122T020816992331Z`: sortable, unique to the microsecond, safe as a folder name. */
export const timeSlug = (moment: Moment): string => {
  const [date = '', time = ''] = new Date(moment.epochMs).toISOString().split('T');
  const micros = String(moment.micros).padStart(3, '0');
  return `${date.replaceAll('-', '')}T${time.replaceAll(':', '').replace('.', '').replace('Z', '')}${micros}Z`;
};

/** The next microsecond. */
export const nextMicrosecond = ({ epochMs, micros }: Moment): Moment =>
  micros < 999 ? { epochMs, micros: micros + 1 } : { epochMs: epochMs + 1, micros: 0 };
