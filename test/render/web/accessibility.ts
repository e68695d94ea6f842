// What axe-core finds on a page that is open in a browser.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

/** Faults that axe calls serious or critical, one line each. */
export const seriousFaults = async (page: Pick<Page, 'evaluate'>): Promise<string[]> => {
  // The page's own policy lets no other script in; the browser's debugger puts it there.
  await page.evaluate(readFileSync(AXE, 'utf8'));
  const found = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as readonly Finding[]; // checked boundary
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.length} x ${nodes[0]?.target.join(' ')} ${nodes[0]?.failureSummary}`);
};
