// Profile diffs as they lie below the root: found, read and put on pages. Decides nothing; what cannot be read says why.
import { join } from 'node:path';
import { profileDiffSchema, type ProfileDiff } from '../profile/diff/profile-diff-schema.ts';
import { readNamedText } from '../fs/named-text.ts';
import { artifactsFolder } from '../fs/root.ts';
import { slugsOf } from '../registry/folder-names.ts';
import { paragraph, type KeyFigure } from '../render/document.ts';
import { parseJsonObject } from '../text/json.ts';
import { redacted } from '../text/redact.ts';
import { RULES } from '../verdict/rules.ts';
import { profileBlocks } from './diff-page.ts';
import { statusBadge, verdictBadge, type SitePage } from './site-page.ts';
import { PROFILE_DIFFS, profileDiffPath } from './site-paths.ts';

const MOST_BYTES = 128 * 1024 * 1024;

const folderOf = (root: string): string => join(artifactsFolder(root), 'profile-diffs');

/** Profile diffs, newest first. */
export const profileDiffSlugs = async (root: string): Promise<string[]> => (await slugsOf(folderOf(root))).reverse();

/** Reads `profile-diff.json`. Throws a Fault about the file, or an Error that says what of it is no profile diff. */
export const readProfileDiff = async (root: string, slug: string, secrets: readonly string[]): Promise<ProfileDiff> => {
  const path = join(folderOf(root), slug, 'profile-diff.json');
  const parsed = profileDiffSchema.safeParse(parseJsonObject(await readNamedText(path, { limit: MOST_BYTES }), path));
  if (parsed.success) return redacted(parsed.data, secrets);
  const [issue] = parsed.error.issues;
  throw new Error(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is no profile diff of this version'}`);
};

const figures = ({ verdict, decision, baseline, candidate }: ProfileDiff): KeyFigure[] => [
  { label: 'Verdict', value: [verdictBadge(verdict)] },
  { label: 'Decision', value: [statusBadge(decision), ` ${decision.reason.replaceAll('_', ' ')}`] },
  { label: 'Rule', value: `${decision.rule}: ${RULES[decision.rule]}` },
  { label: 'Sides', value: `${baseline.label} against ${candidate.label}` },
];

const pageOf = (slug: string): Omit<SitePage, 'blocks' | 'lead'> => ({
  kind: 'page',
  path: profileDiffPath(slug),
  title: `Profile diff ${slug}`,
  section: 'profile-diffs',
  trail: [{ title: 'Profile diffs', path: PROFILE_DIFFS }],
});

export const profileDiffPage = (diff: ProfileDiff, slug: string, anonymous: boolean): SitePage => ({
  ...pageOf(slug),
  lead: diff.first_line,
  blocks: [{ kind: 'figures', items: figures(diff) }, ...profileBlocks(diff, anonymous)],
});

export const unreadProfileDiffPage = (slug: string, reason: string): SitePage => ({
  ...pageOf(slug),
  lead: 'cannot be read',
  blocks: [
    { kind: 'note', text: `Cannot be read: ${reason}` },
    paragraph('Its files lie below profile-diffs of the artifacts.'),
  ],
});
