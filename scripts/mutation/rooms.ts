// The rooms whose tests are measured by mutation: where their sources lie and which test folders answer for them.

export interface Room {
  /** Folders or files of sources, relative to the project. */
  readonly sources: readonly string[];
  /** Folders of tests that run, where they reach the changed file. Never tests that start built programs. */
  readonly tests: readonly string[];
}

export const ROOMS: Readonly<Record<string, Room>> = {
  stats: { sources: ['src/stats'], tests: ['test/stats'] },
  registry: { sources: ['src/registry'], tests: ['test/registry'] },
  verdict: { sources: ['src/verdict'], tests: ['test/verdict', 'test/compare', 'test/stats', 'test/tools/baseline'] },
  metrics: { sources: ['src/metrics'], tests: ['test/metrics', 'test/importers', 'test/compare'] },
  compare: { sources: ['src/compare'], tests: ['test/compare', 'test/verdict', 'test/tools/baseline'] },
  importers: { sources: ['src/importers'], tests: ['test/importers'] },
  'profile-diff': { sources: ['src/profile/diff'], tests: ['test/profile'] },
};
