// What a campaign's capacity is computed from beside its rows, as plain data: limits, sizes, prices and power. With it and the rows
// anybody computes the same capacity again, without the campaign.
import { z } from 'zod';
import { plainDevice } from '../hardware/ceilings.ts';
import type { AtlasRow } from '../campaign/row.ts';
import { capacityOf, type PowerOfCell } from './capacity.ts';
import type { CellPower } from './cell-power.ts';
import { PRICE_ORIGINS, priceOf, type Prices } from './prices.ts';
import { capacitySettings, type CapacitySettings, type GivenSettings } from './settings.ts';
import type { Capacity } from './summary-schema.ts';

const positive = z.number().positive();

export const capacityInputsSchema = z.strictObject({
  ttft_sla_ms: positive,
  tpot_sla_ms: positive,
  /** Null where the hardware says it. */
  gpus_per_node: positive.nullable(),
  gpus_per_rack: positive.nullable(),
  prices: z.array(
    z.strictObject({
      hardware: z.string(),
      usd_per_gpu_hour: z.number().nonnegative(),
      is_estimate: z.boolean(),
      origin: z.enum(PRICE_ORIGINS),
    }),
  ),
  /** Power of cells that a point asked for. */
  power: z.array(
    z.strictObject({
      cell: z.string(),
      arm: z.string().nullable(),
      watts: z.number().nullable(),
      scope: z.string().nullable(),
      lacks: z.string().nullable(),
    }),
  ),
});

export type CapacityInputs = z.output<typeof capacityInputsSchema>;

/** Power as `ofCell` says it, with a list of what was asked. */
export const recordedPower = (
  ofCell: PowerOfCell,
): { readonly ofCell: PowerOfCell; readonly power: CapacityInputs['power'] } => {
  const power: CapacityInputs['power'] = [];
  return {
    power,
    ofCell: async (cell, arm) => {
      const found = await ofCell(cell, arm);
      if (!power.some((each) => each.cell === cell && each.arm === (arm ?? null)))
        power.push({ cell, arm: arm ?? null, watts: found.watts, scope: found.scope, lacks: found.lacks });
      return found;
    },
  };
};

/** The inputs of a capacity; `given` is what the campaign says, without what the hardware says. */
export const capacityInputs = (
  { groups }: Capacity,
  { sla, prices }: CapacitySettings,
  given: GivenSettings,
  power: CapacityInputs['power'],
): CapacityInputs => {
  const hardware = [...new Set(groups.map((group) => plainDevice(group.hardware)))];
  return {
    ttft_sla_ms: sla.ttftMs,
    tpot_sla_ms: sla.tpotMs,
    gpus_per_node: given.gpus_per_node ?? null,
    gpus_per_rack: given.gpus_per_rack ?? null,
    prices: hardware.flatMap((name) => {
      const price = priceOf(prices, name);
      if (price === null) return [];
      const { usdPerGpuHour, isEstimate, origin } = price;
      return [{ hardware: name, usd_per_gpu_hour: usdPerGpuHour, is_estimate: isEstimate, origin }];
    }),
    power,
  };
};

const pricesOf = (listed: CapacityInputs['prices']): Prices =>
  new Map(
    listed.map(({ hardware, usd_per_gpu_hour: usdPerGpuHour, is_estimate: isEstimate, origin }) => [
      hardware,
      { usdPerGpuHour, isEstimate, origin },
    ]),
  );

const NOT_ASKED: CellPower = { watts: null, scope: null, lacks: 'no power was captured' };

async function* oneBlock(rows: readonly AtlasRow[]): AsyncGenerator<readonly AtlasRow[]> {
  yield rows;
}

/** The capacity of these rows by these inputs. */
export const capacityAgain = (rows: readonly AtlasRow[], inputs: CapacityInputs): Promise<Capacity> => {
  const { ttft_sla_ms, tpot_sla_ms, gpus_per_node: node, gpus_per_rack: rack, prices, power } = inputs;
  const given = { ttft_sla_ms, tpot_sla_ms, gpus_per_node: node ?? undefined, gpus_per_rack: rack ?? undefined };
  return capacityOf(oneBlock(rows), capacitySettings(given, {}, pricesOf(prices)), async (cell, arm) => {
    const found = power.find((each) => each.cell === cell && each.arm === (arm ?? null));
    return found === undefined ? NOT_ASKED : { watts: found.watts, scope: found.scope, lacks: found.lacks };
  });
};
