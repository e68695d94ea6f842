// Which way a metric is better.
export type Direction = 'lower-is-better' | 'higher-is-better' | 'two-sided';
