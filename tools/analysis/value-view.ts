// perf_tune_report_value_view: the ranked frontier of a campaign, and its block in HANDOFF.md.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { readCampaignConfig } from '../../src/campaign/config.ts';
import { findCampaign, slugOf } from '../../src/campaign/find-campaign.ts';
import { configPath } from '../../src/campaign/layout.ts';
import { sourcesOf } from '../../src/campaign/next/questions.ts';
import { runSettings } from '../../src/campaign/runs/run-settings.ts';
import { frontierOf, type Frontier } from '../../src/champion/value/frontier.ts';
import type { Focus } from '../../src/champion/value/gap-levers.ts';
import { frontierMarkdown } from '../../src/champion/value/frontier-text.ts';
import { withFrontierBlock } from '../../src/champion/value/handoff-block.ts';
import { asNextLever, costText, LEVER_KINDS, unlockText } from '../../src/champion/value/lever.ts';
import { replaceFile } from '../../src/fs/atomic-file.ts';
import { readNamedBytes } from '../../src/fs/named-text.ts';
import { plural } from '../../src/render/numbers.ts';
import { readModel } from '../../src/roofline/read-model.ts';
import { isoSeconds } from '../../src/text/time.ts';
import { NO_LEVER, nextLeverSchema } from '../../src/verdict/answer-schema.ts';
import { ceilings } from '../../src/verdict/judging-rules.ts';
import { leverLine } from '../../src/verdict/wording.ts';
import type { VerbContext } from '../../src/verb/context.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads, updates } from '../../src/verb/path-use.ts';

const HANDOFF = 'HANDOFF.md';
const DEFAULT_TOLERANCE = 5;
const SHOWN = 5;

const leverSchema = z.object({
  rank: z.number(),
  kind: z.enum(LEVER_KINDS),
  cell: z.string(),
  lever: z.string(),
  unlock: z
    .object({ low: z.number(), expected: z.number(), high: z.number(), of: z.string() })
    .nullable()
    .describe('Gain in percent.'),
  expected_unlock: z.string(),
  gate: z.string(),
  cost_gpu_hours: z.number().nullable(),
  value_per_gpu_hour: z.number().nullable().describe('Expected percent per GPU hour of the gate.'),
  evidence: z.array(z.string()),
});

interface Asked {
  readonly campaign: string;
  readonly campaigns_dir?: string | undefined;
  readonly model_config?: string | undefined;
  readonly baseline?: string | undefined;
  readonly tolerance_percent?: number | undefined;
  readonly focus?: Focus | undefined;
}

const derive = async (asked: Asked, campaign: string, context: VerbContext): Promise<Frontier> => {
  const { config } = await readCampaignConfig(configPath(campaign), context.signal);
  const { arms, comparator_baseline: comparator, focus = config.focus } = runSettings(config, campaign);
  const gates = { tolerance: asked.tolerance_percent ?? DEFAULT_TOLERANCE };
  const baseline = asked.baseline ?? comparator ?? '';
  const model =
    asked.model_config === undefined
      ? null
      : await readModel(context.path(asked.model_config), undefined, context.signal);
  return frontierOf(
    {
      campaign,
      config,
      arms: arms?.cells ?? [],
      baseline: baseline === '' ? null : baseline,
      gates,
      sources: await sourcesOf(gates, context),
      context,
    },
    { table: await ceilings(context), model: model === null ? null : { model: model.model, kvCache: model.kvCache } },
    asked.focus ?? (focus === 'latency' ? 'latency' : 'throughput'),
  );
};

/** Writes the block; a dry run only checks that it could. */
const writeBlock = async (path: string, text: string, { dryRun }: VerbContext): Promise<void> => {
  const file = withFrontierBlock(existsSync(path) ? await readNamedBytes(path) : null, text, path);
  if (!dryRun) await replaceFile(path, file);
};

export const valueView = defineVerb({
  name: 'perf_tune_report_value_view',
  family: 'analysis',
  library: 'perf_tune_report',
  verb: 'value_view',
  title: 'Rank the frontier of a campaign',
  description:
    'Ranks the levers of a campaign by expected gain against GPU hours: questions, roofline gaps, kernels, evidence. Writes its block in HANDOFF.md. What to measure: perf_tune_report_campaign_next.',
  safety: 'writes_artifacts',
  fields: {
    ...CAMPAIGN_FIELDS,
    model_config: pathField("The model's config.json: gaps to its roofline.").optional(),
    handoff: pathField('File with the block. Default HANDOFF.md of the campaign.').optional(),
    baseline: z.string().min(1).optional().describe('family/measurement@tag; {cell} is the cell. Default of the config.'),
    tolerance_percent: z.number().positive().max(99).optional().describe('Change that would matter. Default 5.'),
    focus: z.enum(['throughput', 'latency']).optional().describe('Which load gaps are of. Default of the config.'),
    strict: z.boolean().optional().describe('Exit 3 where nothing is left and no wall is documented.'),
  },
  aliases: { tolerance: 'tolerance_percent' },
  positionals: ['campaign'],
  seldom: ['campaigns_dir'],
  paths: { model_config: reads, handoff: updates },
  computes: true,
  data: {
    campaign_dir: z.string(),
    handoff: z.string(),
    frontier: z.array(leverSchema),
    next_lever: nextLeverSchema,
    banked: z.array(z.object({ cell: z.string(), lever: z.string(), because: z.string() })),
    walls: z.array(z.object({ cell: z.string(), says: z.string() })),
    exhausted: z.boolean().describe('No lever is left, and the wall is documented.'),
    missing: z.array(z.string()),
    excluded: z.array(z.object({ cell: z.string(), concurrency: z.number(), because: z.string() })),
  },
  examples: [{ title: 'What to try next', input: { campaign: 'kimi-k26' } }],
  run: async (input, context) => {
    const campaign = findCampaign(input.campaign, context, input.campaigns_dir);
    const frontier = await derive(input, campaign, context);
    const handoff = input.handoff === undefined ? join(campaign, HANDOFF) : context.path(input.handoff);
    const at = isoSeconds(context.now().epochMs);
    await writeBlock(handoff, frontierMarkdown(frontier, slugOf(campaign), at), context);
    const { levers, banked, walls, missing, excluded } = frontier;
    const [first] = levers;
    return {
      campaign_dir: campaign,
      handoff,
      frontier: levers.map(({ yields: _yields, ...lever }, index) => ({
        ...lever,
        expected_unlock: unlockText(levers[index] ?? { unlock: null, yields: null }),
        unlock: lever.unlock === null ? null : { ...lever.unlock },
        evidence: [...lever.evidence],
      })),
      next_lever: first === undefined ? NO_LEVER : asNextLever(first),
      banked: banked.map((each) => ({ ...each })),
      walls: walls.map((each) => ({ ...each })),
      exhausted: levers.length === 0 && missing.length === 0,
      missing: [...missing],
      excluded: excluded.map((each) => ({ ...each })),
    };
  },
  render: ({ frontier, next_lever: next, walls, missing, excluded, exhausted, campaign_dir: campaign }, say) =>
    [
      exhausted ? `no lever is left, the wall is documented: ${campaign}` : `${plural(frontier.length, 'lever')}: ${campaign}`,
      ...frontier.slice(0, SHOWN).map((lever) => `  ${lever.rank}. ${lever.lever}: ${lever.expected_unlock}; cost ${costText(lever)}`),
      ...(frontier.length > SHOWN ? [`  … ${frontier.length - SHOWN} more`] : []),
      ...missing.slice(0, SHOWN).map((text) => `missing: ${text}`),
      ...walls.slice(0, SHOWN).map(({ cell, says }) => `at the wall: ${cell}: ${says}`),
      ...excluded.slice(0, 3).map(({ cell, concurrency, because }) => `left out: ${cell} at concurrency ${concurrency}: ${because}`),
      ...(frontier.length > 0 ? [leverLine(next)] : []),
      `${say('wrote', 'write')} the frontier block`,
    ].join('\n'),
  rows: ({ frontier }) => ({
    columns: [
      { title: 'rank', align: 'right' },
      { title: 'kind' },
      { title: 'lever' },
      { title: 'expected_unlock' },
      { title: 'gate' },
      { title: 'cost_gpu_hours', align: 'right' },
      { title: 'value_per_gpu_hour', align: 'right' },
    ],
    rows: frontier.map(({ rank, kind, lever, expected_unlock, gate, cost_gpu_hours, value_per_gpu_hour }) => [rank, kind, lever, expected_unlock, gate, cost_gpu_hours, value_per_gpu_hour]),
  }),
  next: ({ campaign_dir: campaign }) => [{ verb: 'perf_tune_report_campaign_next', input: { campaign } }],
  links: ({ handoff }) => [{ path: handoff, title: 'frontier', mime_type: 'text/markdown' }],
  exit_code: ({ frontier, exhausted }, { strict }) => (strict === true && frontier.length === 0 && !exhausted ? 3 : 0),
}); // prettier-ignore
