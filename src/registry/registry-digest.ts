// One digest for the heads of many measurements, which a person keeps outside the registry: with it a registry whose newest
// entries and links were cut off can be recognised, which no chain shows of itself. Pure.
import { createHash } from 'node:crypto';
import { linkHash, type ChainLink } from './chain.ts';
import { compareSlugs } from './slug.ts';

/** The links of one measurement. */
export interface LinkedPlace {
  readonly family: string;
  readonly measurement: string;
  readonly chain: readonly ChainLink[];
}

interface Placed {
  readonly name: string;
  readonly link: ChainLink;
}

/** Order in which the links were appended, over all measurements. */
const inTime = (a: Placed, b: Placed): number => {
  if (a.link.at !== b.link.at) return a.link.at < b.link.at ? -1 : 1;
  const bySlug = compareSlugs(a.link.slug, b.link.slug);
  return bySlug !== 0 ? bySlug : a.name < b.name ? -1 : 1;
};

/** Where an expected digest was found: it is that of the present links, or that of an earlier state. */
export type DigestStanding = 'head' | 'earlier' | 'absent';

export interface RegistryDigest {
  /** 64 hex digits; null where nothing is linked. */
  readonly digest: string | null;
  /** Null where none was expected. */
  readonly standing: DigestStanding | null;
}

/**
 * Folds all links in the order of time, `d = sha256(d \n family/measurement \n link)`, so that every earlier state of the registry
 * has its digest on the way: one that was noted long ago is found again after the registry has grown. Linear in the links.
 */
export const registryDigest = (places: readonly LinkedPlace[], expected?: string): RegistryDigest => {
  const links = places
    .flatMap(({ family, measurement, chain }) => chain.map((link) => ({ name: `${family}/${measurement}`, link })))
    .sort(inTime);
  let digest: string | null = null;
  let seen = false;
  for (const { name, link } of links) {
    digest = createHash('sha256')
      .update([digest ?? '', name, linkHash(link)].join('\n'))
      .digest('hex');
    seen ||= digest === expected;
  }
  if (expected === undefined) return { digest, standing: null };
  return { digest, standing: digest === expected ? 'head' : seen ? 'earlier' : 'absent' };
};
