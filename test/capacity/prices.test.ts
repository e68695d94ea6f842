import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { priceOf, unusedPrices } from '../../src/capacity/prices.ts';
import { scratchFolder } from '../fs/scratch.ts';
import { shippedPrices } from './rows.ts';

const rootWith = (cost: string): string => {
  const root = scratchFolder('prices');
  mkdirSync(join(root, 'configs'), { recursive: true });
  writeFileSync(join(root, 'configs', 'cost.yaml'), cost);
  return root;
};

describe('the price of a part', () => {
  it.each([
    ['H100', 6.16, false],
    ['H200', 6.31, false],
    ['NVIDIA B200', 8.6, false],
    ['gb300', 12, true],
  ])('%s costs %f dollars an hour as shipped', async (name, usd, isEstimate) => {
    expect(priceOf(await shippedPrices(), name)).toEqual({ usdPerGpuHour: usd, isEstimate, origin: 'shipped' });
  });

  it.each(['GB200', 'B300', 'H100 PCIe', ''])('%s has none from a similar name', async (name) => {
    expect(priceOf(await shippedPrices(), name)).toBeNull();
  });

  it('is that of the campaign, else of the root, else as shipped, part by part', async () => {
    const root = rootWith('usd_per_gpu_hour: { B200: 5, H100: { value: 2.5, estimate: true } }\n');
    const prices = await shippedPrices({ B200: 4.5, default: 1 }, root);
    expect(['B200', 'H100', 'H200', 'L4'].map((name) => priceOf(prices, name))).toEqual([
      { usdPerGpuHour: 4.5, isEstimate: false, origin: 'campaign' },
      { usdPerGpuHour: 2.5, isEstimate: true, origin: 'root' },
      { usdPerGpuHour: 6.31, isEstimate: false, origin: 'shipped' },
      null,
    ]);
  });

  it.each([
    ['usd_per_gpu_hour: { B200: -1 }', /usd_per_gpu_hour\.B200/],
    ['usd_per_gpu_hour: { B200: free }', /usd_per_gpu_hour\.B200/],
    ['usd_per_hour: { B200: 1 }', /usd_per_hour|usd_per_gpu_hour/],
  ])('of a file that says %s is refused by its place', async (text, says) => {
    await expect(shippedPrices({}, rootWith(`${text}\n`))).rejects.toThrow(says);
  });
});

it('names of a campaign that price none of its hardware are named', () => {
  expect(unusedPrices({ B200: 1, default: 2, B2000: 3 }, ['NVIDIA B200', 'GB300'])).toEqual(['default', 'B2000']);
});
