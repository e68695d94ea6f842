// Prints the table of how far measured times are from the bounds, or with `--write` puts it into docs/roofline.md.
// `npm run roofline-error [-- --write]`
import { readFileSync, writeFileSync } from 'node:fs';
import { errorTable, SAMPLES } from './roofline-error.ts';

const PAGE = 'docs/roofline.md';
const TABLE = /(?<=<!-- npm run roofline-error -->\n\n)(\|.*\n)+/;

const text = await errorTable(SAMPLES);
if (text === null) console.log(`no samples at ${SAMPLES}`);
else if (process.argv.includes('--write')) writeFileSync(PAGE, readFileSync(PAGE, 'utf8').replace(TABLE, `${text}\n`));
else console.log(text);
