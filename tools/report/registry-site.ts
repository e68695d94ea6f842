// registry_site: the registry as a static site.
import { join } from 'node:path';
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { campaignsFolderOf } from '../../src/campaign/find-campaign.ts';
import { artifactsFolder } from '../../src/fs/root.ts';
import { formatBytes, formatCount, plural } from '../../src/render/numbers.ts';
import { renderedAt } from '../../src/report/rendered-at.ts';
import { composeSite, emptyTally } from '../../src/site/compose-site.ts';
import { renderSite } from '../../src/site/render-site.ts';
import { HOME } from '../../src/site/site-paths.ts';
import { writeSite } from '../../src/site/write-site.ts';
import { isoSeconds } from '../../src/text/time.ts';
import { pageScript } from '../../src/verb/page-script.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { fills } from '../../src/verb/path-use.ts';

const MOST_PROBLEMS = 50;
const SHOWN = 3;

export const registrySite = defineVerb({
  name: 'registry_site',
  family: 'report',
  library: 'registry',
  verb: 'site',
  title: 'Registry as a site',
  description:
    'Writes the registry as a static site for a team page or a CI artifact: measurements with trends, entries, diffs, profile diffs, campaigns. Works from disk. One campaign: perf_tune_report_report_render.',
  safety: 'writes_artifacts',
  idempotent: true,
  computes: true,
  fields: {
    out: pathField('Folder of the site. Default: site of the artifacts.').optional(),
    anonymous: z.boolean().optional().describe('Leave out users, hosts, paths and commands.'),
    campaigns_dir: CAMPAIGN_FIELDS.campaigns_dir,
    overwrite: z.boolean().optional().describe('Remove files in the site that are not of it.'),
  },
  positionals: ['out'],
  seldom: ['campaigns_dir'],
  paths: { out: fills([]) },
  data: {
    site_dir: z.string(),
    index: z.string(),
    pages: z.number(),
    measurements: z.number(),
    entries: z.number(),
    diffs: z.number(),
    profile_diffs: z.number(),
    campaigns: z.number(),
    /** Files that are new or have other bytes than before; the others stay as they were. */
    changed: z.number(),
    unchanged: z.number(),
    removed: z.number(),
    bytes: z.number(),
    rendered_utc: z.string(),
    problems_count: z.number(),
    /** What could not be shown whole, and why. */
    problems: z.array(z.object({ what: z.string(), reason: z.string() })),
  },
  examples: [{ title: 'A site beside the code', input: { out: './perf-site' } }],
  run: async (input, context) => {
    const out = input.out === undefined ? join(artifactsFolder(context.root), 'site') : context.path(input.out);
    const tally = emptyTally();
    const rendered = renderedAt(context);
    const rendered_utc = isoSeconds(rendered.getTime());
    const pages = composeSite(
      {
        context,
        campaigns: campaignsFolderOf(context, input.campaigns_dir),
        anonymous: input.anonymous ?? false,
        renderedAt: rendered,
      },
      tally,
    );
    const { changed, unchanged, removed, bytes, files } = await writeSite(
      renderSite(pages, { productVersion: context.product.version, script: await pageScript('tables') }),
      {
        out,
        head: { rendered_at: rendered_utc, product_version: context.product.version },
        overwrite: input.overwrite ?? false,
        dryRun: context.dryRun,
      },
    );
    const { problems, ...counts } = tally;
    return {
      site_dir: out,
      index: join(out, HOME),
      pages: files - 1,
      ...counts,
      changed,
      unchanged,
      removed,
      bytes,
      rendered_utc,
      problems_count: problems.length,
      problems: problems.slice(0, MOST_PROBLEMS),
    };
  },
  render: (data, say) => {
    const counted = [
      plural(data.measurements, 'measurement'),
      plural(data.entries, 'entry', 'entries'),
      plural(data.diffs, 'diff'),
      plural(data.profile_diffs, 'profile diff'),
      plural(data.campaigns, 'campaign'),
    ];
    return [
      `${say('wrote', 'write')} ${plural(data.pages, 'page')}: ${data.site_dir}`,
      counted.join(', '),
      `${formatCount(data.changed)} new or changed, ${formatCount(data.unchanged)} as before, ${formatCount(data.removed)} removed; ${formatBytes(data.bytes)}`,
      `begins at ${data.index}`,
      ...(data.problems_count === 0 ? [] : [`not shown whole: ${data.problems_count}`]),
      ...data.problems.slice(0, SHOWN).map(({ what, reason }) => `  ${what}: ${reason}`),
    ].join('\n');
  },
  links: ({ index }) => [{ path: index, title: 'first page', mime_type: 'text/html' }],
});
