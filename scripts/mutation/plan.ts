// What the process that starts the tests and the one that runs them agree on; runs nothing itself.

/** The name under which marks find the set that they add to, where a test run has put one there. */
export const REACHED = '__reachedFunctions';

/** File of the plan, in the root of the copy. */
export const PLAN = 'mutation-plan.json';

/** File in the root of the copy that holds the id of the process that runs the tests. */
export const RUNNER = 'mutation-runner';

/** What the next test file does. */
export interface Plan {
  /** Where to write what was reached; null where nothing is recorded. */
  readonly record: string | null;
  /** The names of the tests to run; null for all. */
  readonly only: readonly string[] | null;
}

/** One test, or what a file does outside of its tests (`name` null). */
export interface Entered {
  readonly name: string | null;
  /** Time of the processor, which does not depend on what else the machine does. */
  readonly ms: number;
  readonly marks: readonly string[];
}
