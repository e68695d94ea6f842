// How far a campaign is: loads measured of all that are open, and how long the rest takes at the pace so far.
import { plural } from '../../render/numbers.ts';

export interface RunProgress {
  /** Loads of the cell that are measured by now in this run. */
  readonly at: (cellId: string, done: number, message: string) => void;
}

/** Seconds in the words of a person: `40 s`, `12 min`, `3 h 5 min`. */
export const durationText = (seconds: number): string => {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

/** What is left at the pace so far; nothing is known before the first point. */
export const etaText = (done: number, total: number, elapsedS: number): string =>
  done === 0 || done >= total ? '' : `, about ${durationText((elapsedS / done) * (total - done))} left`;

/** `open`: loads to measure, cell by cell. `nowMs`: a clock that only goes forward. */
export const runProgress = (
  open: ReadonlyMap<string, number>,
  report: (done: number, total: number, message: string) => void,
  nowMs: () => number,
): RunProgress => {
  const began = nowMs();
  const total = [...open.values()].reduce((sum, loads) => sum + loads, 0);
  const measured = new Map<string, number>();
  return {
    at: (cellId, done, message) => {
      measured.set(cellId, Math.min(done, open.get(cellId) ?? 0));
      const sum = [...measured.values()].reduce((all, loads) => all + loads, 0);
      const left = etaText(sum, total, (nowMs() - began) / 1000);
      report(sum, total, `cell ${cellId}: ${message}; ${sum} of ${plural(total, 'load')}${left}`);
    },
  };
};
