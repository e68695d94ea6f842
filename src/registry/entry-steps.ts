// The calls that may follow where an entry was recorded, shown or named. Pure.
import type { NextStep } from '../verb/next-step.ts';

/** `family/measurement` of an address. */
export const withoutName = (address: string): string => address.replace(/@.*$/, '');

/** `family` and `measurement` of an address, as verbs take them. */
export const placeFields = (address: string): { readonly family: string; readonly measurement: string } => {
  const [family = '', measurement = ''] = withoutName(address).split('/');
  return { family, measurement };
};

/** The comparison that becomes possible with the next run. */
export const withNewResult = (baseline: string): NextStep => ({
  verb: 'perf_baseline_diff',
  input: { baseline, current: '<result file>' },
  with: 'a new result',
});

/** The same where the measurement is a number without a file. */
export const withNewNumber = (baseline: string): NextStep => ({
  verb: 'perf_baseline_diff',
  input: { baseline, current_value: '<number>' },
  with: 'a new number',
});

/** The same where the measurement is a bench. */
export const withNewBench = (baseline: string): NextStep => ({
  verb: 'perf_baseline_diff',
  input: { baseline, from_bench: '<bundle or cell>' },
  with: 'a new bench',
});
