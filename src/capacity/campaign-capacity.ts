// The capacity of a campaign: its rows, its limits and its prices put together. What the summary, the page of a report and the tables of a
// lake all start from.
import { basename } from 'node:path';
import { campaignRows } from '../campaign/campaign-rows.ts';
import { STAMP, sourceFacts } from '../campaign/find-campaign.ts';
import { usableConfig } from '../campaign/import-answer.ts';
import type { AtlasRow } from '../campaign/row.ts';
import type { VerbContext } from '../verb/context.ts';
import { capacityOf } from './capacity.ts';
import { capacityInputs, recordedPower, type CapacityInputs } from './capacity-inputs.ts';
import { powerOfCells } from './cell-power.ts';
import type { CampaignStamp } from './lake-rows.ts';
import { readPrices, unusedPrices } from './prices.ts';
import { capacitySettings, type GivenSettings } from './settings.ts';
import { CAVEAT } from './summary-document.ts';
import type { Capacity } from './summary-schema.ts';
import type { SummaryHead } from './write-summary.ts';

export interface CampaignCapacity {
  readonly capacity: Capacity;
  /** By which anybody computes it again from the rows. */
  readonly inputs: CapacityInputs;
  readonly head: SummaryHead;
  readonly stamp: CampaignStamp;
  /** What the reader should know before the figures. */
  readonly warnings: readonly string[];
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** `20261128T224000Z` as ISO 8601; null where the folder bears no stamp. */
const stampTime = (campaign: string): string | null => {
  const [stamp] = STAMP.exec(basename(campaign)) ?? [];
  return stamp === undefined ? null : stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{6})?Z$/, '$1-$2-$3T$4:$5:$6Z');
}; // prettier-ignore

const priceSource = ({ groups }: Capacity): string => {
  const of = (origin: 'shipped' | 'root' | 'campaign'): string[] =>
    distinct(groups.filter(({ peak }) => peak.usd_origin === origin).map(({ hardware }) => hardware));
  const estimates = distinct(
    groups.filter(({ peak }) => peak.usd_is_estimate === true).map(({ hardware }) => hardware),
  );
  const unpriced = distinct(groups.filter(({ peak }) => peak.usd_origin === null).map(({ hardware }) => hardware));
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ['the campaign', of('campaign')],
    ['configs/cost.yaml of the root', of('root')],
    ['the shipped table', of('shipped')],
  ];
  const said = parts.flatMap(([where, hardware]) =>
    hardware.length === 0 ? [] : [`${hardware.join(', ')} from ${where}`],
  );
  return [
    ...(said.length === 0 ? ['none'] : said),
    ...(estimates.length === 0 ? [] : [`${estimates.join(', ')} an estimate`]),
    ...(unpriced.length === 0 ? [] : [`${unpriced.join(', ')} without a price`]),
  ].join('; ');
};

const warningsOf = ({ groups, excluded }: Capacity, unused: readonly string[], problem: string | null): string[] => [
  ...(problem === null ? [] : [`config.yaml is left out: ${problem}`]),
  ...(groups.length === 0 ? ['no usable row has an output rate: there is no capacity to state'] : []),
  ...(unused.length === 0
    ? []
    : [`cost.usd_per_gpu_hour: ${unused.join(', ')} prices no hardware of this campaign: name the hardware as its rows do`]),
  ...(excluded.length === 0 ? [] : [excluded.length === 1 ? '1 row cannot be true or does not count, and is left out' : `${excluded.length} rows cannot be true or do not count, and are left out`]),
]; // prettier-ignore

/**
 * `campaign` is the campaign's folder, `contextLine` what the caller says of it. Throws a Fault `atlas_missing`, `prices_invalid`, and
 * the Faults of the rows. `rows` stand for those of the campaign where a caller holds them already.
 */
export const campaignCapacity = async (
  campaign: string,
  given: GivenSettings,
  contextLine: string | undefined,
  context: Pick<VerbContext, 'root' | 'productFolder' | 'signal'>,
  rows: AsyncIterable<Iterable<AtlasRow>> = campaignRows(campaign, context.signal),
): Promise<CampaignCapacity> => {
  const { config, problem } = await usableConfig(campaign, context.signal);
  const ofCampaign = config?.cost?.usd_per_gpu_hour ?? {};
  const tpm = config?.tpm ?? {};
  const settings = capacitySettings(given, tpm, await readPrices(context, ofCampaign));
  const { ofCell, power } = recordedPower(powerOfCells(campaign));
  const capacity = await capacityOf(rows, settings, ofCell);
  const { groups } = capacity;
  const nodes = distinct(groups.map(({ gpus_per_node }) => gpus_per_node));
  const campaignId = basename(campaign);
  return {
    capacity,
    inputs: capacityInputs(
      capacity,
      settings,
      {
        gpus_per_node: given.gpus_per_node ?? tpm.gpus_per_node,
        gpus_per_rack: given.gpus_per_rack ?? tpm.gpus_per_rack,
      },
      power,
    ),
    head: {
      campaign_id: campaignId,
      context_line: contextLine ?? config?.description?.trim().replace(/\s+/g, ' ') ?? null,
      cost_rate_source: priceSource(capacity),
      methodology_caveat: CAVEAT,
      ttft_sla_ms: settings.sla.ttftMs,
      tpot_sla_ms: settings.sla.tpotMs,
      gpus_per_node: nodes.length === 1 ? (nodes[0] ?? null) : null,
      sla_computed: groups.some(({ sla }) => sla !== null),
    },
    stamp: {
      campaign_id: campaignId,
      captured_at_utc: stampTime(campaign) ?? sourceFacts(campaign)['captured_at'] ?? null,
      published_at_utc: null,
    },
    warnings: warningsOf(
      capacity,
      unusedPrices(
        ofCampaign,
        groups.map(({ hardware }) => hardware),
      ),
      problem,
    ),
  };
};
