// Writes what a profile diff leaves behind: profile-diff.md, profile-diff.json and the picture, where the caller wants them or
// in a folder of their own below the root.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { publishDerived } from '../fs/publish-folder.ts';
import { artifactsFolder } from '../fs/root.ts';
import { replaceFile } from '../fs/atomic-file.ts';
import { profileDiffMarkdown } from '../profile/text/diff-document.ts';
import type { ProfileDiff } from '../profile/diff/profile-diff-schema.ts';
import { jsonFile } from '../text/json.ts';
import { environmentSecrets, redacted } from '../text/redact.ts';
import { timeSlug } from '../text/time.ts';
import type { VerbContext } from '../verb/context.ts';

export interface ProfileReport {
  readonly markdown: string;
  readonly json: string;
  readonly svg: string;
}

const beside = (path: string, extension: string): string =>
  `${path.slice(0, path.length - extname(path).length)}${extension}`;

/** Writes the three files. `out` names the Markdown file, `jsonOut` the JSON file. */
export const writeProfileReport = async (
  diff: ProfileDiff,
  context: VerbContext,
  { out, jsonOut, limit }: { out?: string | undefined; jsonOut?: string | undefined; limit: number },
): Promise<ProfileReport> => {
  const { profileDiffSvg } = await import('../profile/text/profile-diff-svg.ts');
  const shown = redacted(diff, environmentSecrets(context.env));
  const texts = { markdown: profileDiffMarkdown(shown, limit), json: jsonFile(shown), svg: profileDiffSvg(shown) };
  if (out === undefined && jsonOut === undefined) {
    const diffs = join(artifactsFolder(context.root), 'profile-diffs');
    const folder = join(diffs, timeSlug(context.now()));
    await publishDerived(join(diffs, '.staging'), folder, async (staged) => {
      await writeFile(join(staged, 'profile-diff.md'), texts.markdown);
      await writeFile(join(staged, 'profile-diff.json'), texts.json);
      await writeFile(join(staged, 'profile-diff.svg'), texts.svg);
    });
    const [markdown, json, svg] = ['md', 'json', 'svg'].map((extension) => join(folder, `profile-diff.${extension}`));
    return { markdown: markdown ?? folder, json: json ?? folder, svg: svg ?? folder };
  }
  const markdown = out ?? beside(jsonOut ?? '', '.md');
  const report = { markdown, json: jsonOut ?? beside(markdown, '.json'), svg: beside(markdown, '.svg') };
  for (const [kind, path] of Object.entries(report)) {
    await mkdir(dirname(path), { recursive: true });
    await replaceFile(path, kind === 'markdown' ? texts.markdown : kind === 'json' ? texts.json : texts.svg);
  }
  return report;
};
