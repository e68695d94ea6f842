// bench_compare: many runs side by side, and which of them no other beats.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { compareRuns, comparisonMarkdown, comparisonTable } from '../../src/envelope/compare-runs.ts';
import { readSide } from '../../src/envelope/diff-files.ts';
import { PARETO_PAIRS } from '../../src/envelope/pareto.ts';
import { publishDerived } from '../../src/fs/publish-folder.ts';
import { artifactsFolder } from '../../src/fs/root.ts';
import { jsonFile } from '../../src/text/json.ts';
import { timeSlug } from '../../src/text/time.ts';
import type { NextStep } from '../../src/verb/next-step.ts';
import { environmentSecrets, redacted } from '../../src/text/redact.ts';
import { defineVerb, oneOrMany } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

const runSchema = z.object({
  path: z.string(),
  name: z.string(),
  arm: z.string(),
  run_id: z.string().nullable(),
  suite_id: z.string().nullable(),
  model_id: z.string().nullable(),
  engine: z.string().nullable(),
  quantization: z.string().nullable(),
  hardware: z.string().nullable(),
  n_gpus: z.number().nullable(),
  point: z.string(),
  metrics: z.record(z.string(), z.number()),
  /** Front by name: whether the run is on it. */
  pareto: z.record(z.string(), z.boolean()),
});

/** How many runs no other beats, front by front. */
const frontLine = (pareto: Readonly<Record<string, readonly number[]>>): string => {
  const fronts = Object.entries(pareto).flatMap(([name, front]) =>
    front.length === 0 ? [] : [`${front.length} on the front of ${name}`],
  );
  return fronts.join(', ') || 'no front: the runs have no pair of figures in common';
};

const warningLines = (warnings: readonly string[]): string[] =>
  warnings.slice(0, 3).map((warning) => `warning: ${warning}`);

/** The first two runs of one load point against each other, where there are two; else all of them as a table. */
const nextSteps = (runs: readonly z.input<typeof runSchema>[], results: readonly string[]): NextStep[] => {
  const [first, ...others] = runs;
  const second = others.find((run) => run.point === first?.point && run.path !== first?.path);
  return second === undefined
    ? [{ verb: 'bench_export', input: { results } }]
    : [{ verb: 'bench_diff', input: { baseline: first?.path, candidate: second.path } }];
};

export const benchCompare = defineVerb({
  name: 'bench_compare',
  family: 'bench',
  library: 'bench',
  verb: 'compare',
  title: 'Compare runs',
  description:
    'Puts benchmark results side by side and finds the Pareto fronts (tok/s/GPU and tok/s/user, throughput and latency, energy, cost): table, JSON, pictures. No verdict: bench_diff.',
  safety: 'writes_artifacts',
  fields: { results: oneOrMany('Result files or folders.') },
  positionals: ['results'],
  paths: { results: reads },
  data: {
    runs: z.array(runSchema),
    pareto: z.record(z.string(), z.array(z.number())),
    warnings: z.array(z.string()),
    compare_dir: z.string().nullable(),
    pictures: z.array(z.string()),
    table: z.string(),
  },
  examples: [{ title: 'A sweep', input: { results: ['sweep-a/', 'sweep-b/'] } }],
  run: async (input, context) => {
    const compared = compareRuns(await readSide(input.results.map(context.path), { deep: true }));
    const comparison = redacted(compared, environmentSecrets(context.env));
    const compares = join(artifactsFolder(context.root), 'bench-compares');
    const folder = join(compares, timeSlug(context.now()));
    const pictures: string[] = [];
    if (!context.dryRun)
      await publishDerived(join(compares, '.staging'), folder, async (staged) => {
        await writeFile(join(staged, 'comparison.json'), jsonFile({ schema_version: 1, ...comparison }));
        await writeFile(join(staged, 'comparison.md'), `${comparisonMarkdown(comparison)}\n`);
        const { paretoPicture } = await import('../../src/envelope/pareto-picture.ts');
        for (const pair of PARETO_PAIRS) {
          const svg = paretoPicture(comparison, pair);
          if (svg === null) continue;
          await writeFile(join(staged, `${pair.name}.svg`), svg);
          pictures.push(join(folder, `${pair.name}.svg`));
        }
      });
    return {
      runs: comparison.runs.map((run) => ({ ...run })),
      pareto: Object.fromEntries(Object.entries(comparison.pareto).map(([name, front]) => [name, [...front]])),
      warnings: [...comparison.warnings],
      compare_dir: context.dryRun ? null : folder,
      pictures,
      table: comparisonTable(comparison, context.columns),
    };
  },
  render: (data) => [frontLine(data.pareto), ...warningLines(data.warnings), data.table].join('\n'),
  next: ({ runs }, { results }) => nextSteps(runs, results),
  links: (data) => [
    ...(data.compare_dir === null
      ? []
      : [{ path: join(data.compare_dir, 'comparison.json'), title: 'all figures', mime_type: 'application/json' }]),
    ...data.pictures.map((path) => ({ path, title: 'picture', mime_type: 'image/svg+xml' })),
  ],
});
