// A profile diff as a document: what was decided, what got worse, and every table, in the order in which a reader asks. Chooses
// and formats; computes nothing.
import { heading, list, paragraph, type Block, type Document } from '../../render/document.ts';
import { documentMarkdown } from '../../render/markdown.ts';
import { formatFixed, formatPercent } from '../../render/numbers.ts';
import { leverLine } from '../../verdict/wording.ts';
import type { ProfileDiff } from '../diff/profile-diff-schema.ts';
import {
  adverseSection,
  bucketSection,
  collectiveSection,
  copySection,
  namedSection,
  rangeSection,
  rankSection,
  stepSection,
} from './diff-tables.ts';
import { kernelSection } from './kernel-table.ts';
import { decidedLine, nsOr, totalsLine } from './shared-lines.ts';

/** Rows that a table of the report has at most; the JSON beside it has all. */
const MOST_ROWS = 20;

const summary = (diff: ProfileDiff): Block =>
  list([
    decidedLine(diff),
    `${diff.baseline.label}: ${diff.baseline.sources.join(', ')} (${diff.baseline.formats.join(', ')})`,
    `${diff.candidate.label}: ${diff.candidate.sources.join(', ')} (${diff.candidate.formats.join(', ')})`,
    `${diff.headline.metric}: ${nsOr(diff.headline.baseline_ns)} -> ${nsOr(diff.headline.candidate_ns)} (${formatPercent(diff.headline.change_pct)})`,
    totalsLine(diff),
    `common factor of compute kernels: ${formatFixed(diff.clock.factor, 4)}${diff.clock.applied ? ' (clock or power changed; taken out)' : ''}`,
    leverLine(diff.next_lever),
    'delta = candidate - baseline = count effect (change in calls x mean before) + per-call effect',
  ]);

/** The report; `limit` rows a table. */
export const profileDiffDocument = (diff: ProfileDiff, limit = MOST_ROWS): Document => {
  const { kernels, warnings } = diff;
  const adverse = kernels.filter((row) => row.adverse);
  const others = kernels.filter((row) => row.class !== 'both');
  return {
    title: 'Profile diff',
    blocks: [
      paragraph({ strong: diff.first_line }),
      summary(diff),
      ...(warnings.length === 0 ? [] : [heading('Warnings'), list(warnings)]),
      ...adverseSection(diff),
      ...kernelSection('Adverse kernels', adverse, limit),
      ...kernelSection('New, removed and renamed kernels', others, limit),
      ...kernelSection('Kernels by change', kernels, limit),
      ...bucketSection(diff),
      ...rankSection(diff),
      ...collectiveSection(diff, limit),
      ...stepSection(diff),
      ...copySection(diff),
      ...rangeSection(diff, limit),
      ...namedSection('CUDA API', diff.api, limit),
      ...namedSection('Host waits', diff.waits, limit),
    ],
  };
};

/** The report as Markdown; ends with a newline. */
export const profileDiffMarkdown = (diff: ProfileDiff, limit = MOST_ROWS): string =>
  documentMarkdown(profileDiffDocument(diff, limit));
