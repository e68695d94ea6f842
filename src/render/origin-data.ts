// Where a shown number comes from, as attributes of the element that shows it. The one place where they are named.
import type { Origin } from './document.ts';
import { markupText } from './escape.ts';

const listed = (words: readonly string[]): string => markupText(words.join(' '));

/** ` data-rows="id id" data-fields="name name"`; empty where nobody says. */
export const originData = (from: Origin | undefined): string =>
  from === undefined ? '' : ` data-rows="${listed(from.rows)}" data-fields="${listed(from.fields)}"`;
