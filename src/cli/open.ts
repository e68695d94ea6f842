// `open`: shows a report, a picture or the page of an entry in the desktop's viewer; where there is no display it says where the file
// lies. Opens only what is there, and only on this machine.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openOnDesktop, type Desktop } from '../exec/open-on-desktop.ts';
import { findCampaign } from '../campaign/find-campaign.ts';
import { resolveAddress } from '../registry/address.ts';
import { registryFolder } from '../registry/layout.ts';
import { Fault } from '../text/fault.ts';
import { absolutePath } from '../verb/paths.ts';

export interface OpenContext extends Desktop {
  readonly cwd: string;
  readonly root: string;
  /** The folder of campaigns. */
  readonly campaigns: string;
}

export interface Opened {
  /** Absolute path of the file. */
  readonly path: string;
  /** False where there is no display or no viewer. */
  readonly opened: boolean;
}

/** The pages of a folder, by what a reader wants first; then pictures and other pages by their names. */
const PAGES = [
  'report.html',
  'index.html',
  'report.md',
  'diff.md',
  'comparison.md',
  'INDEX.md',
  'summary.md',
  'SOURCE.md',
] as const;
const READABLE = /\.(?:html|svg|png|md|pdf)$/i;

/** The page of a folder that a reader wants; the folder itself where it has none. */
const pageOf = (folder: string): string => {
  const names = readdirSync(folder).sort();
  const page = PAGES.find((name) => names.includes(name)) ?? names.find((name) => READABLE.test(name));
  return page === undefined ? folder : join(folder, page);
};

type OpenPlace = Pick<OpenContext, 'cwd' | 'root' | 'campaigns'>;

/** The folder of a campaign of that name or slug. Throws a Fault `campaign_ambiguous`. */
const campaignCalled = (target: string, { cwd, campaigns }: OpenPlace): string | undefined => {
  try {
    return findCampaign(target, { campaigns, path: (path) => absolutePath(path, cwd) });
  } catch (error) {
    if (error instanceof Fault && error.code === 'campaign_not_found') return undefined;
    throw error;
  }
};

/** What a path, an address (`family/measurement@latest`) or the name of a campaign stands for. Throws a Fault `open_not_found`. */
const fileToOpen = async (target: string, place: OpenPlace): Promise<string> => {
  const { cwd, root } = place;
  for (const path of [absolutePath(target, cwd), absolutePath(target, root)]) {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status !== undefined) return status.isDirectory() ? pageOf(path) : path;
  }
  if (/^[^/]+\/[^/]+$/.test(target)) return pageOf(await resolveAddress(registryFolder(root), target, cwd));
  const campaign = campaignCalled(target, place);
  if (campaign !== undefined) return pageOf(campaign);
  throw new Fault('input', 'open_not_found', `${JSON.stringify(target)} is no file, folder, entry or campaign`, {
    fix: 'give a path that an answer named, family/measurement@latest, or the name of a campaign',
  });
};

/** Opens the one target. Throws a Fault `open_target_needed`. */
export const openTarget = async (words: readonly string[], context: OpenContext): Promise<Opened> => {
  const [target, surplus] = words;
  if (target === undefined || target === '' || surplus !== undefined || target.startsWith('-'))
    throw new Fault('usage', 'open_target_needed', 'open takes one report, picture, folder or entry', {
      fix: 'write profile-and-optimize open family/measurement@latest',
    });
  const path = await fileToOpen(target, context);
  return { path, opened: await openOnDesktop(path, context) };
};
