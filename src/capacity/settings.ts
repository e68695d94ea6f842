// By which limits and sizes capacity is counted: what the caller says, else the campaign's `tpm:` block, else the defaults. Every figure
// says which of them it was.
import { plainDevice } from '../hardware/ceilings.ts';
import type { Prices } from './prices.ts';

export interface Sla {
  /** Mean time to first token, in ms. */
  readonly ttftMs: number;
  /** Median time per output token, in ms. */
  readonly tpotMs: number;
}

export interface CapacitySettings {
  readonly sla: Sla;
  readonly gpusPerNode: (hardware: string) => number;
  /** Null where a rack of that hardware has no fixed number of GPUs. */
  readonly gpusPerRack: (hardware: string) => number | null;
  readonly prices: Prices;
}

/** As flags and the `tpm:` block give them. */
export interface GivenSettings {
  readonly ttft_sla_ms?: number | undefined;
  readonly tpot_sla_ms?: number | undefined;
  readonly gpus_per_node?: number | undefined;
  readonly gpus_per_rack?: number | undefined;
}

export const DEFAULT_SLA: Sla = { ttftMs: 2000, tpotMs: 50 };

const GPUS_PER_NODE = 8;

/** Parts that come as a rack of trays: GPUs of a tray, and of the rack (NVL72). */
const RACKS: Readonly<Record<string, { readonly tray: number; readonly rack: number }>> = {
  gb200: { tray: 4, rack: 72 },
  gb300: { tray: 4, rack: 72 },
};

const rackOf = (hardware: string) => RACKS[/^gb[23]00/.exec(plainDevice(hardware))?.[0] ?? ''];

/** What the caller says wins over the campaign, that over the defaults, each by itself. */
export const capacitySettings = (given: GivenSettings, ofCampaign: GivenSettings, prices: Prices): CapacitySettings => {
  const node = given.gpus_per_node ?? ofCampaign.gpus_per_node;
  const rack = given.gpus_per_rack ?? ofCampaign.gpus_per_rack;
  return {
    sla: {
      ttftMs: given.ttft_sla_ms ?? ofCampaign.ttft_sla_ms ?? DEFAULT_SLA.ttftMs,
      tpotMs: given.tpot_sla_ms ?? ofCampaign.tpot_sla_ms ?? DEFAULT_SLA.tpotMs,
    },
    gpusPerNode: (hardware) => node ?? rackOf(hardware)?.tray ?? GPUS_PER_NODE,
    gpusPerRack: (hardware) => rack ?? rackOf(hardware)?.rack ?? null,
    prices,
  };
};
