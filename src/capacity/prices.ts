// What a GPU costs per hour: the shipped rates, those of the root over them, those of the campaign over both. A part has the price of its
// own name or none; a price is never taken from a part of a similar name.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CONFIGURATION_BYTES, readNamedText } from '../fs/named-text.ts';
import { plainDevice } from '../hardware/ceilings.ts';
import { builtValue } from '../text/built-value.ts';
import { checkAgainst } from '../text/schema-fault.ts';
import { parseYaml } from '../text/yaml.ts';
import type { VerbContext } from '../verb/context.ts';

const rateSchema = z.strictObject({
  /** US dollars for one GPU and hour. */
  value: z.number().nonnegative(),
  source: z.string().min(1).optional(),
  date: z.string().min(1).optional(),
  /** Nobody lists it. */
  estimate: z.boolean().optional(),
});

const pricesSchema = z.strictObject({
  usd_per_gpu_hour: z.record(z.string().min(1), z.union([z.number().nonnegative(), rateSchema])),
});

export const PRICE_ORIGINS = ['shipped', 'root', 'campaign'] as const;

export interface Price {
  readonly usdPerGpuHour: number;
  readonly isEstimate: boolean;
  readonly origin: (typeof PRICE_ORIGINS)[number];
}

/** Prices by the plain name of a part. */
export type Prices = ReadonlyMap<string, Price>;

type Rates = Readonly<Record<string, z.infer<typeof rateSchema> | number>>;

/** A name that prices nothing: a rate for whatever is not named would be made up. */
const NO_PART = 'default';

const pricesOf = (rates: Rates, origin: Price['origin']): [string, Price][] =>
  Object.entries(rates).flatMap(([name, rate]) => {
    if (name === NO_PART) return [];
    const { value, estimate = false } = typeof rate === 'number' ? { value: rate } : rate;
    return [[plainDevice(name), { usdPerGpuHour: value, isEstimate: estimate, origin }]];
  });

const readRates = async (path: string, productFolder: string | null): Promise<Rates> => {
  const text = await readNamedText(path, { limit: CONFIGURATION_BYTES });
  const built = productFolder === null ? undefined : await builtValue('cost', text, productFolder);
  const keys = ['usd_per_gpu_hour', ...Object.keys(rateSchema.shape)];
  return checkAgainst(pricesSchema, built ?? (await parseYaml(text, path)), { path, code: 'prices_invalid', keys }).usd_per_gpu_hour;
}; // prettier-ignore

/** Prices of the product, of the root's `configs/cost.yaml` and of a campaign's `cost:`. Throws a Fault `prices_invalid`. */
export const readPrices = async (
  { root, productFolder }: Pick<VerbContext, 'root' | 'productFolder'>,
  ofCampaign: Readonly<Record<string, number>>,
): Promise<Prices> => {
  const shipped = join(productFolder, 'configs', 'cost.yaml');
  const own = join(root, 'configs', 'cost.yaml');
  return new Map([
    ...pricesOf(await readRates(shipped, productFolder), 'shipped'),
    ...(own === shipped || !existsSync(own) ? [] : pricesOf(await readRates(own, null), 'root')),
    ...pricesOf(ofCampaign, 'campaign'),
  ]);
};

/** The price of a part by its name, spelled in whatever way; null where it has none. */
export const priceOf = (prices: Prices, hardware: string): Price | null => prices.get(plainDevice(hardware)) ?? null;

/** Names in a campaign's `cost:` that price none of its parts. */
export const unusedPrices = (ofCampaign: Readonly<Record<string, number>>, hardware: readonly string[]): string[] => {
  const parts = new Set(hardware.map(plainDevice));
  return Object.keys(ofCampaign).filter((name) => name === NO_PART || !parts.has(plainDevice(name)));
};
