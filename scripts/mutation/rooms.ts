// The rooms whose tests are measured by mutation: where their sources lie and which test folders answer for them.

export interface Room {
  /** Folders or files of sources, relative to the project. */
  readonly sources: readonly string[];
  /** Folders of tests that run, where they reach the changed file. Never tests that start built programs. */
  readonly tests: readonly string[];
  /** Files among them that simulate or write captures for seconds; what they show is held by faster ones too. */
  readonly without?: readonly string[];
}

export const ROOMS: Readonly<Record<string, Room>> = {
  stats: {
    sources: ['src/stats'],
    tests: ['test/stats'],
    without: ['test/stats/planning.test.ts', 'test/stats/series.test.ts'],
  },
  registry: {
    sources: ['src/registry'],
    tests: ['test/registry', 'test/tools/baseline'],
    without: ['diff-profile', 'diff-shapes', 'diff-verdict', 'documents', 'samples'].map(
      (name) => `test/tools/baseline/${name}.test.ts`,
    ),
  },
  verdict: {
    sources: ['src/verdict'],
    tests: ['test/verdict', 'test/compare'],
    without: ['error-rates-paired', 'error-rates-unpaired'].map((name) => `test/verdict/${name}.test.ts`),
  },
  metrics: { sources: ['src/metrics'], tests: ['test/metrics', 'test/importers', 'test/compare'] },
  compare: { sources: ['src/compare'], tests: ['test/compare', 'test/tools/baseline'] },
  importers: { sources: ['src/importers'], tests: ['test/importers'] },
  'profile-diff': {
    sources: ['src/profile/diff'],
    tests: ['test/profile/diff'],
    without: ['diff', 'peer-cases', 'scenarios'].map((name) => `test/profile/diff/${name}.test.ts`),
  },
};
