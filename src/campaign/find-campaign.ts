// Finds the folder of a campaign by what a caller calls it: a path, the folder's name, its experiment id or its slug. Never
// picks one of several, and never follows a link out of the campaigns folder.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { containedPath } from '../fs/safe-path.ts';
import { Fault, inputFault } from '../text/fault.ts';
import { nearestName } from '../text/nearest.ts';
import type { VerbContext } from '../verb/context.ts';
import { atlasPath, cellsFolder, configPath, sourcePath } from './layout.ts';

/** `20261128T224000Z`, which begins or ends the name of a campaign's folder. */
export const STAMP = /\d{8}T\d{6}(?:\d{6})?Z/;

const MOST_NAMED = 5;

/** True for a folder that holds a campaign, of ours or of the predecessor. */
export const isCampaign = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true &&
  [configPath(path), sourcePath(path), cellsFolder(path), atlasPath(path)].some((file) => existsSync(file));

/** The name of a campaign's folder without its time stamp. */
export const slugOf = (folder: string): string => basename(folder).replace(new RegExp(`^${STAMP.source}-|-${STAMP.source}$`), ''); // prettier-ignore

/** The bullets of a campaign's `SOURCE.md`: `- key: value`. */
export const sourceFacts = (campaign: string): Readonly<Record<string, string>> => {
  const path = sourcePath(campaign);
  if (!existsSync(path)) return {};
  const bullets = readFileSync(path, 'utf8').matchAll(/^- ([^:\n]+): *(.*)$/gm);
  return Object.fromEntries([...bullets].map(([, key = '', value = '']) => [key.trim().toLowerCase(), value.trim()]));
};

/** The slugs that find a campaign: its folder's, and the one that `SOURCE.md` has where an experiment id named the folder. */
const slugsOf = (campaign: string): readonly string[] => {
  const path = sourcePath(campaign);
  const source = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const titled = /^# Perf-report campaign: (\S+)$/m.exec(source)?.[1];
  return [...new Set([slugOf(campaign), ...(titled === undefined ? [] : [titled])])];
};

/** Names of the campaigns in a folder, sorted; none where it is absent. */
export const campaignNames = (folder: string): string[] => {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && isCampaign(join(folder, entry.name)))
    .map(({ name }) => name)
    .sort();
};

/** What finding a campaign needs of a call. */
export type Place = Pick<VerbContext, 'campaigns' | 'path'>;

/** The campaigns folder of a call: `campaigns_dir`, else the one of its context. */
export const campaignsFolderOf = ({ campaigns, path }: Place, campaignsDir?: string): string =>
  campaignsDir === undefined ? campaigns : path(campaignsDir);

const listOf = (names: readonly string[]): string => {
  const rest = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
};

const notFound = (name: string, folder: string, names: readonly string[]): Fault => {
  const nearest = nearestName(name, [...names, ...names.flatMap((each) => slugsOf(join(folder, each)))]);
  const there = names.length === 0 ? 'it holds no campaign; begin one with campaign_init' : `it holds ${listOf(names)}`;
  return inputFault('campaign_not_found', `no campaign ${name} in ${folder}: ${there}`, {
    path: folder,
    fix: nearest === undefined ? 'name a campaign by path, folder, experiment id or slug' : `did you mean ${nearest}?`,
    data: { campaigns: names.slice(0, 20) },
  });
};

const ambiguous = (name: string, folder: string, found: readonly string[]): Fault =>
  new Fault('usage', 'campaign_ambiguous', `${name} is the slug of ${found.length} campaigns: ${listOf(found)}`, {
    path: folder,
    fix: `name one: ${found.at(-1) ?? ''} is the newest`,
    data: { campaigns: found.slice(0, 20) },
  });

/**
 * The absolute folder of a campaign. Throws a Fault `campaign_not_found`, `campaign_ambiguous` with the candidates, or
 * `path_escapes`.
 */
export const findCampaign = (name: string, context: Place, campaignsDir?: string): string => {
  const folder = campaignsFolderOf(context, campaignsDir);
  const names = campaignNames(folder);
  if (names.includes(name)) return containedPath(folder, name);
  const path = context.path(name);
  if (/[/\\]/.test(name) || name.startsWith('.')) {
    if (isCampaign(path)) return path;
    throw notFound(name, folder, names);
  }
  const byId = names.filter((each) => sourceFacts(join(folder, each))['experiment_id'] === name);
  const found = byId.length > 0 ? byId : names.filter((each) => slugsOf(join(folder, each)).includes(name));
  if (found.length === 1 && found[0] !== undefined) return containedPath(folder, found[0]);
  if (found.length > 1) throw ambiguous(name, folder, found);
  if (isCampaign(path)) return path;
  throw notFound(name, folder, names);
};
