// Words that verbs, front ends and scripts share: families, safety classes, the acknowledgement. Imports nothing, so that it
// costs nothing at start.

/** Folders under tools/, and values of `--toolset`. */
export const FAMILIES = [
  'baseline',
  'profile',
  'campaign',
  'analysis',
  'report',
  'bench',
  'ratchet',
  'evidence',
  'job',
] as const;
export type Family = (typeof FAMILIES)[number];

/** `submits_jobs` is the only class that needs an acknowledgement. */
export type Safety = 'read_only' | 'writes_artifacts' | 'submits_jobs';

/** Fields that verbs of a class take beside their own. The list of tools describes them once, not at every verb. */
export const commonFields = (safety: Safety): readonly string[] => [
  'repo_root',
  'time_limit_s',
  ...(safety === 'read_only' ? [] : ['dry_run', 'overwrite']),
  ...(safety === 'submits_jobs' ? ['wait_s'] : []),
];

/** The field that must be literally true before a `submits_jobs` verb starts anything. */
export const ACK_FIELD = 'i_understand_this_submits_jobs';
