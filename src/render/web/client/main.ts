// The script of a page that has tables and nothing else to work with.
import { enhanceTables } from './tables.ts';

enhanceTables(document);
