// Pareto fronts over pairs of metrics: which measurements no other one beats in both. A measurement that lacks one of the two
// is never on the front.
import { latencyName, nameOf } from '../metrics/catalogue.ts';
import { paretoFrontOf, type Better, type Place } from '../stats/pareto-front.ts';

export type Wish = 'max' | 'min';

export interface ParetoAxis {
  /** Metric names in order of preference; the first that a measurement has counts. */
  readonly metrics: readonly string[];
  readonly wish: Wish;
  readonly title: string;
}

export interface ParetoPair {
  readonly name: string;
  readonly x: ParetoAxis;
  readonly y: ParetoAxis;
}

const THROUGHPUT: ParetoAxis = { metrics: [nameOf('throughput')], wish: 'max', title: 'throughput, tok/s' };

/** The pair that capacity is planned with, then those of the envelope tool. */
export const PARETO_PAIRS: readonly ParetoPair[] = [
  {
    name: 'throughput_vs_interactivity',
    x: { metrics: [nameOf('perUser')], wish: 'max', title: 'interactivity, tok/s/user' },
    y: { metrics: [nameOf('outputPerGpu')], wish: 'max', title: 'throughput, tok/s/GPU' },
  },
  {
    name: 'quality_vs_cost',
    x: { metrics: [nameOf('costPerMillion')], wish: 'min', title: 'cost, USD per million tokens' },
    y: { metrics: [nameOf('goodput')], wish: 'max', title: 'goodput, req/s' },
  },
  {
    name: 'throughput_vs_latency',
    x: { metrics: [latencyName('ttft', 'p99')], wish: 'min', title: 'TTFT p99, ms' },
    y: THROUGHPUT,
  },
  {
    name: 'throughput_vs_energy',
    x: { metrics: [nameOf('joulesPerToken')], wish: 'min', title: 'energy, J/token' },
    y: THROUGHPUT,
  },
];

export type Values = Readonly<Record<string, number>>;

/** The value on an axis, null when the measurement has none. */
export const onAxis = (values: Values, axis: ParetoAxis): number | null => {
  const name = axis.metrics.find((metric) => values[metric] !== undefined);
  return name === undefined ? null : (values[name] ?? null);
};

/** Positions of the measurements on the front; equal ones are on it together. */
export const paretoFront = (measurements: readonly Values[], pair: ParetoPair): number[] => {
  const places = measurements.map((values): Place | null => {
    const [x, y] = [onAxis(values, pair.x), onAxis(values, pair.y)];
    return x === null || y === null ? null : [x, y];
  });
  const [x, y] = [pair.x, pair.y].map(({ wish }): Better => (wish === 'max' ? 'higher' : 'lower'));
  return paretoFrontOf(places, [x ?? 'higher', y ?? 'higher']);
};
