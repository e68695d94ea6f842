// The manifest entry of a verb defined in a test, made as `npm run gen` makes it.
export { manifestEntry as entryOf } from '../../scripts/manifest-entry.ts';
