// perf_tune_report_champion_select: which variant of a campaign to ship.
import { join } from 'node:path';
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { findCampaign } from '../../src/campaign/find-campaign.ts';
import { usableConfig } from '../../src/campaign/import-answer.ts';
import { CHAMPION_FILES } from '../../src/campaign/layout.ts';
import { championPage } from '../../src/champion/champion-page.ts';
import {
  CHAMPION_DATA,
  championRows,
  championRowSchema,
  type ShownRecord,
} from '../../src/champion/champion-record.ts';
import { CHAMPION_FOCUSES, CHAMPION_METRICS } from '../../src/champion/focus.ts';
import { WORKLOADS, type Attested } from '../../src/champion/gate.ts';
import { selectChampion } from '../../src/champion/select-champion.ts';
import { replaceFile } from '../../src/fs/atomic-file.ts';
import { makeFolders } from '../../src/fs/publish-folder.ts';
import { documentMarkdown } from '../../src/render/markdown.ts';
import { formatPercent, formatShare, plural } from '../../src/render/numbers.ts';
import { jsonFile } from '../../src/text/json.ts';
import { isoSeconds } from '../../src/text/time.ts';
import { defineVerb, oneOrMany, pathField } from '../../src/verb/define-verb.ts';
import { fills } from '../../src/verb/path-use.ts';

const DEFAULT_TOP = 3;
const DEFAULT_SLO_REL = 1.1;
const NEXT = 'perf_tune_report_campaign_next';

/** `aa,sonnet` and a list of them alike. */
const wordsOf = (given: readonly string[] | undefined): string[] | null =>
  given === undefined ? null : given.flatMap((each) => each.split(',')).map((word) => word.trim()).filter((word) => word !== ''); // prettier-ignore

const OURS = fills([
  [/^champion_select\.json$/, /^\{\n {2}"banner": "RECOMMENDED-FOR-PRODUCTION /],
  [/^CHAMPION\.md$/, /^# Champion: /],
]);

const SHOWN = 4;

/** Cells and rows that an answer lists; the file holds all. */
const LISTED = 50;

const answered = (record: ShownRecord): ShownRecord => ({
  ...record,
  not_compared: record.not_compared.slice(0, LISTED),
  excluded: record.excluded.slice(0, LISTED),
});

export const championSelect = defineVerb({
  name: 'perf_tune_report_champion_select',
  family: 'analysis',
  library: 'perf_tune_report',
  verb: 'champion_select',
  title: 'Select the champion',
  description:
    'Says which variant of a campaign to ship and how far that is proven: matched load, TPOT limit, gates by records. Writes CHAMPION.md. What to measure: perf_tune_report_campaign_next.',
  safety: 'writes_artifacts',
  idempotent: true,
  fields: {
    ...CAMPAIGN_FIELDS,
    top: z.number().int().positive().max(100).optional().describe('Variants. Default 3.'),
    focus: z.enum(CHAMPION_FOCUSES).optional().describe('Default of the config.'),
    focus_c: z.number().int().positive().optional().describe('Concurrency. Default 32, latency 1.'),
    metric: z.enum(CHAMPION_METRICS).optional().describe('Default by the focus.'),
    baseline: z.string().min(1).optional().describe('Cell.'),
    slo_rel: z.number().positive().max(100).optional().describe('Most TPOT, as a multiple of the baseline. Default 1.1.'),
    slo_abs_ms: z.number().positive().optional().describe('Most TPOT.'),
    trials: z.number().int().positive().optional().describe('A word for a record.'),
    same_node: z.boolean().optional().describe('A word for a record.'),
    workloads_present: oneOrMany('As aa, sonnet.').optional(),
    accuracy_gate: z.enum(['pass', 'fail', 'unknown']).optional().describe('A word for a record.'),
    require_workloads: oneOrMany('Default aa, sonnet, sharegpt, random, code.').optional(),
    accuracy_floor: z.number().min(0).max(1).optional().describe('Lowest score of an evaluation.'),
    out: pathField('Folder of the two files. Default the campaign.').optional(),
    title: z.string().min(1).optional().describe('Title of the page.'),
  },
  positionals: ['campaign'],
  seldom: ['campaigns_dir', 'metric', 'slo_rel', 'require_workloads', 'accuracy_floor', 'out', 'title'],
  paths: { out: OURS },
  computes: 'in_turns',
  data: {
    campaign_dir: z.string(),
    champion_json: z.string(),
    champion_md: z.string(),
    ...CHAMPION_DATA,
    /** As the lake keeps them. */
    champion_v1: z.array(championRowSchema),
  },
  examples: [{ title: 'What to ship', input: { campaign: 'glm51-multihw', focus: 'throughput', dry_run: true } }],
  run: async (input, context) => {
    const campaign = findCampaign(input.campaign, context, input.campaigns_dir);
    const { config, problem } = await usableConfig(campaign, context.signal);
    const attested: Attested = {
      trials: input.trials ?? null,
      sameNode: input.same_node ?? false,
      workloads: wordsOf(input.workloads_present),
      accuracy: input.accuracy_gate ?? 'unknown',
    };
    const { roofline_overlay, ...found } = await selectChampion({
      campaign,
      config,
      focus: input.focus,
      metric: input.metric,
      focusC: input.focus_c,
      top: input.top ?? DEFAULT_TOP,
      sloRel: input.slo_rel ?? DEFAULT_SLO_REL,
      sloAbsMs: input.slo_abs_ms ?? null,
      baseline: input.baseline,
      title: input.title,
      requiredWorkloads: wordsOf(input.require_workloads) ?? WORKLOADS,
      accuracyFloor: input.accuracy_floor ?? null,
      attested,
      context,
    });
    const notUsed = problem === null ? [] : [`config.yaml is left out: ${problem}`];
    const record = { ...found, warnings: [...notUsed, ...found.warnings] };
    const folder = input.out === undefined ? campaign : context.path(input.out);
    const [json, page] = [join(folder, CHAMPION_FILES.select), join(folder, CHAMPION_FILES.page)];
    if (!context.dryRun) {
      await makeFolders(folder);
      await replaceFile(json, jsonFile({ ...record, roofline_overlay }));
      await replaceFile(page, documentMarkdown(championPage(record)));
    }
    const rows = championRows(record, isoSeconds(context.now().epochMs), null);
    return { campaign_dir: campaign, champion_json: json, champion_md: page, ...answered(record), champion_v1: rows };
  },
  render: (data, say) => {
    const { changes, pick } = data.sensitivity;
    return [
      data.banner,
      data.says,
      data.tier_says,
      ...data.flags,
      ...(data.leader === null || data.no_change ? [] : [data.leader.says]),
      changes === null ? 'noise was not measured: no variant was repeated' : `${pick} is first in ${formatShare(100 * (1 - changes))} of draws of the measured trials`,
      ...data.variants.filter(({ is_baseline: base }) => !base).slice(0, SHOWN).map(({ name, engine, slo_verdict: slo, pct_win_vs_baseline: win, sol }) => `${name} (${engine}): ${formatPercent(win)}, ${slo}, ${sol.sol_rigor}`),
      ...(data.not_compared.length === 0 ? [] : [`not compared: ${data.not_compared.slice(0, SHOWN).map(({ cell_id: cell, reason }) => `${cell} (${reason})`).join(', ')}${data.not_compared_count > SHOWN ? `, … ${data.not_compared_count - SHOWN} more` : ''}`]),
      ...(data.excluded_count === 0 ? [] : [`excluded: ${plural(data.excluded_count, 'row')} that cannot be true or do not count`]),
      `next: ${data.next_step}`,
      `${say('wrote', 'write')} ${data.champion_md}`,
    ].join('\n');
  },
  notices: ({ warnings }) => warnings,
  next: ({ campaign_dir: campaign }) => [{ verb: NEXT, input: { campaign } }],
  links: ({ champion_md: page, champion_json: json }) => [
    { path: page, title: 'Champion', mime_type: 'text/markdown' },
    { path: json, title: 'Champion, for programs', mime_type: 'application/json' },
  ],
}); // prettier-ignore
