// Where pages lie in a site: names that stay the same from one rendering to the next, made of safe characters, and the relative
// links between them.
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { isSafeSegment } from '../fs/safe-path.ts';

export const HOME = 'index.html';
export const DIFFS = 'diffs/index.html';
export const PROFILE_DIFFS = 'profile-diffs/index.html';
export const CAMPAIGNS = 'campaigns/index.html';

export interface EntryName {
  readonly family: string;
  readonly measurement: string;
  readonly slug: string;
}

/** `page` counts from 1; what does not fit the first page of a measurement goes on on the next. */
export const measurementPath = ({ family, measurement }: Omit<EntryName, 'slug'>, page = 1): string =>
  `measurements/${family}/${measurement}/${page === 1 ? 'index' : `page-${page}`}.html`;

export const entryPath = ({ family, measurement, slug }: EntryName): string =>
  `measurements/${family}/${measurement}/${slug}.html`;

export const diffPath = ({ family, measurement, slug }: EntryName): string =>
  `diffs/${family}/${measurement}/${slug}.html`;

export const profileDiffPath = (slug: string): string => `profile-diffs/${slug}.html`;

const DIGITS = 8;

/** A name as one safe part of a path: itself where it is one, else what is left of it and a digest that sets it apart. */
export const safeName = (name: string): string => {
  if (isSafeSegment(name)) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, DIGITS);
  const plain = name
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 80);
  return `${plain === '' ? 'campaign' : plain}-${digest}`;
};

export const campaignPath = (name: string): string => `campaigns/${safeName(name)}/index.html`;

/** A file of a campaign that lies beside its page. */
export const campaignFilePath = (name: string, file: string): string => `campaigns/${safeName(name)}/${file}`;

/** The link from one page to another, relative, so that a site works from the disk and below any address. */
export const linkFrom = (page: string, target: string): string => posix.relative(posix.dirname(page), target);
