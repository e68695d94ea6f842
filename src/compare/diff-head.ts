// The head that every diff.json has, whatever was compared.
import type { BaselineSide } from '../registry/entry-side.ts';
import type { DiffRequest } from './diff-request.ts';
import type { DiffSource } from './diff-schema.ts';

/** Fields that name what was compared with what, and by which tolerance. */
export const diffHead = ({ entry, entries, shape }: BaselineSide, request: DiffRequest) => {
  const { source_sha256: sha256 } = entry.baseline;
  return {
    schema_version: 1,
    tool: 'perf_baseline_diff',
    library: 'perf_baseline',
    verb: 'diff',
    safety: 'writes_artifacts',
    family: entry.family,
    measurement: entry.measurement,
    shape,
    baseline_dir: entry.folder,
    baselines: entries.map(({ folder, baseline }) => ({ dir: folder, sha256: baseline.source_sha256 })),
    baseline_sha256: sha256,
    baseline_source_sha256: sha256,
    tolerance_percent: request.tolerance_percent ?? 5,
    tolerance_absolute: request.tolerance_absolute ?? null,
  };
};

/** Fields about the candidate, once its bytes are hashed. */
export const candidateHead = (sha256: string, sources: readonly DiffSource[]) => ({
  current_sha256: sha256,
  current_source_sha256: sha256,
  current_sources: sources,
});
