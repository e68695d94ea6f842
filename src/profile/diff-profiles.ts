// The diff of two profiles: what was found, and the two sentences that say it. Takes values and returns a value; reads no
// file and prints nothing.
import { findDifferences } from './diff/findings.ts';
import type { DiffOptions } from './diff/findings.ts';
import type { ProfileDiff } from './diff/profile-diff-schema.ts';
import type { ProfileSide } from './model/profile-side.ts';
import { NO_LEVER } from '../verdict/answer-schema.ts';
import { firstLine } from './text/first-line.ts';
import { nextLever } from './text/next-lever.ts';

/** Compares captures; several a side are trials of the same thing. Never faults: what cannot be compared is said in the result. */
export const diffProfiles = (
  baseline: readonly ProfileSide[],
  candidate: readonly ProfileSide[],
  options: DiffOptions = {},
): ProfileDiff => {
  const { found, culprit } = findDifferences(baseline, candidate, options);
  const silent = found.decision.status === 'INCOMPARABLE' || found.same_capture;
  return { ...found, first_line: firstLine(found, culprit), next_lever: silent ? NO_LEVER : nextLever(found, culprit) };
};
