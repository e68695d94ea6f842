// What a site is made of before it is rendered: pages of blocks, files that are taken over, and the words that all pages share.
import { plainText, table, type Block, type Column, type Span, type Text } from '../render/document.ts';
import { STATUS_GROUNDS, VERDICT_GROUNDS } from '../verdict/ground.ts';
import type { Decision } from '../verdict/decision.ts';
import type { Verdict } from '../verdict/delta-row.ts';
import { linkFrom } from './site-paths.ts';

export interface Crumb {
  readonly title: string;
  readonly path: string;
}

export type Section = 'measurements' | 'diffs' | 'profile-diffs' | 'campaigns';

export interface SitePage {
  readonly kind: 'page';
  /** Relative to the site, with `/`. */
  readonly path: string;
  readonly title: string;
  /** Under the title: what it comes to. */
  readonly lead: Text;
  readonly section: Section;
  /** Pages above this one, the highest first. */
  readonly trail: readonly Crumb[];
  readonly blocks: readonly Block[];
}

/** A file that is copied as it is. */
export interface SiteCopy {
  readonly kind: 'copy';
  readonly path: string;
  /** Absolute. */
  readonly from: string;
}

/** Something that could not be shown whole, and why. */
export interface Problem {
  readonly what: string;
  readonly reason: string;
}

export const verdictBadge = (verdict: Verdict): Span => ({ badge: verdict, ground: VERDICT_GROUNDS[verdict] });

export const statusBadge = ({ status, strength }: Pick<Decision, 'status' | 'strength'>): Span => ({
  badge: strength === null ? status : `${status} ${strength}`,
  ground: STATUS_GROUNDS[status],
});

/** A link to another page of the site, as it stands on the page at `from`. */
export const pageLink = (from: string, title: string, path: string): Span => ({
  link: title,
  href: linkFrom(from, path),
});

/** Spans with something between them. */
export const joined = (spans: readonly Span[], between: string): Text =>
  spans.flatMap((span, index) => (index === 0 ? [span] : [between, span]));

/** A table without the columns in which no row says anything. */
export const fullTable = (columns: readonly Column[], rows: readonly (readonly Text[])[]): Block => {
  const says = columns.map((_, index) => rows.some((row) => plainText(row[index] ?? '') !== ''));
  return table(
    columns.filter((_, index) => says[index]),
    rows.map((row) => row.filter((_, index) => says[index])),
  );
};

/** `2026-11-22 02:08` of a time in UTC; as it is where it is none. */
export const shortTime = (at: string | null): string => {
  if (at === null) return 'not stated';
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(at) ? at.slice(0, 16).replace('T', ' ') : at;
};
