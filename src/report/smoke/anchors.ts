// The numbers of the made-up campaign that shows the report without a cluster: at concurrency 8, 16 and 32 the output tok/s/GPU and
// the mean TTFT in ms, by `max_num_batched_tokens`. Facts of the fixture only; what follows from them is computed.
import type { ParallelStrategy } from '../../campaign/row.ts';

export interface SmokeVariant {
  readonly hardware: string;
  readonly quant: string;
  readonly tensorParallel: number;
  readonly strategy: ParallelStrategy;
  readonly mtp: boolean;
  readonly model: string;
  /** tok/s/GPU and TTFT at 8, at 16, at 32; one pair where the sweep broke off, none where it failed; no entry: evicted. */
  readonly anchors: Readonly<Record<number, readonly number[]>>;
}

export const SMOKE_BATCH_TOKENS = [1024, 2048, 4096, 8192, 16384] as const;

export const SMOKE_VARIANTS: readonly SmokeVariant[] = [
  {
    hardware: 'B200',
    quant: 'NVFP4',
    tensorParallel: 8,
    strategy: 'EP',
    mtp: false,
    model: 'GLM-5.1-NVFP4',
    anchors: {
      1024: [61.3, 1433.3, 105.0, 1328.6, 182.0, 1781.3],
      2048: [62.6, 1069.1, 107.9, 985.6, 187.3, 971.4],
      4096: [63.0, 1024.8, 107.4, 1182.0, 187.5, 1155.2],
      8192: [62.9, 972.7, 94.2, 1434.6, 188.2, 1276.8],
      16384: [62.4, 1093.2, 107.5, 1366.3, 186.7, 1376.0],
    },
  },
  {
    hardware: 'B200',
    quant: 'NVFP4',
    tensorParallel: 8,
    strategy: 'EP',
    mtp: true,
    model: 'GLM-5.1-NVFP4',
    anchors: {},
  },
  {
    hardware: 'B200',
    quant: 'NVFP4',
    tensorParallel: 8,
    strategy: 'TP',
    mtp: false,
    model: 'GLM-5.1-NVFP4',
    anchors: {
      1024: [63.0, 1446.2, 108.1, 1286.3, 182.5, 1825.1],
      2048: [64.8, 1151.1, 110.8, 1097.9, 188.8, 1082.8],
      4096: [64.8, 1035.2, 110.9, 1241.9, 188.8, 1166.6],
      8192: [],
      16384: [64.4, 1146.9, 110.2, 1453.6, 188.6, 1420.8],
    },
  },
  {
    hardware: 'B200',
    quant: 'NVFP4',
    tensorParallel: 8,
    strategy: 'TP',
    mtp: true,
    model: 'GLM-5.1-NVFP4',
    anchors: {},
  },
  {
    hardware: 'GB300',
    quant: 'NVFP4',
    tensorParallel: 4,
    strategy: 'EP',
    mtp: false,
    model: 'GLM-5.1-NVFP4',
    anchors: {
      1024: [111.6, 2221.1, 183.1, 2472.3, 304.7, 3015.6],
      2048: [57.8, 1721.3, 95.6, 1546.4, 161.5, 1549.4],
      4096: [117.5, 1098.0, 193.9, 1274.1, 326.2, 1499.5],
      8192: [116.7, 1169.7, 192.9, 1541.6, 326.5, 1602.0],
      16384: [57.8, 1234.3, 95.3, 1434.7, 161.7, 1521.7],
    },
  },
  {
    hardware: 'GB300',
    quant: 'NVFP4',
    tensorParallel: 4,
    strategy: 'EP',
    mtp: true,
    model: 'GLM-5.1-NVFP4',
    anchors: {},
  },
  {
    hardware: 'GB300',
    quant: 'NVFP4',
    tensorParallel: 4,
    strategy: 'TP',
    mtp: false,
    model: 'GLM-5.1-NVFP4',
    anchors: {
      1024: [115.1, 2430.2, 180.6, 3490.8, 311.4, 3201.9],
      2048: [118.1, 2609.1],
      4096: [121.5, 1093.2, 199.2, 1343.1, 332.5, 1590.7],
      8192: [60.9, 1276.8, 100.4, 1446.2, 167.1, 1511.5],
      16384: [119.4, 1307.3, 196.1, 1933.1, 330.1, 1717.2],
    },
  },
  {
    hardware: 'GB300',
    quant: 'NVFP4',
    tensorParallel: 4,
    strategy: 'TP',
    mtp: true,
    model: 'GLM-5.1-NVFP4',
    anchors: {},
  },
  {
    hardware: 'H100',
    quant: 'FP8',
    tensorParallel: 16,
    strategy: 'EP',
    mtp: false,
    model: 'GLM-5.1-FP8',
    anchors: {
      1024: [14.9, 1664.1, 24.6, 2696.4, 28.3, 6148.1],
      2048: [15.0, 1647.6, 25.1, 2420.9, 35.9, 4552.4],
      4096: [15.1, 1844.4, 25.3, 2481.8, 35.0, 4546.2],
      8192: [15.3, 2113.6, 25.7, 3270.5, 37.9, 5319.2],
      16384: [14.9, 2345.2, 25.4, 4096.1, 25.4, 13772.7],
    },
  },
  {
    hardware: 'H100',
    quant: 'FP8',
    tensorParallel: 16,
    strategy: 'EP',
    mtp: true,
    model: 'GLM-5.1-FP8',
    anchors: {
      1024: [21.7, 1116.7, 38.9, 1688.6, 52.7, 4876.2],
      2048: [22.3, 901.0, 37.7, 1351.9, 51.9, 4276.9],
      4096: [22.7, 765.7, 40.2, 1180.4, 52.4, 4437.8],
      8192: [23.3, 825.0, 38.8, 1218.9, 49.2, 6692.3],
      16384: [21.3, 1027.5, 36.3, 1665.8, 37.9, 46293.7],
    },
  },
  {
    hardware: 'H100',
    quant: 'FP8',
    tensorParallel: 16,
    strategy: 'TP',
    mtp: false,
    model: 'GLM-5.1-FP8',
    anchors: {
      1024: [14.1, 1621.7, 24.3, 2701.0, 29.9, 6644.0],
      2048: [14.3, 1615.3, 24.8, 2360.9, 29.8, 5350.7],
      4096: [14.3, 2034.9, 25.2, 2614.6, 29.7, 5118.1],
      8192: [14.3, 2263.1, 25.3, 3786.7, 27.5, 5502.0],
      16384: [14.1, 2451.8, 25.1, 4233.2, 25.8, 7029.9],
    },
  },
  {
    hardware: 'H100',
    quant: 'FP8',
    tensorParallel: 16,
    strategy: 'TP',
    mtp: true,
    model: 'GLM-5.1-FP8',
    anchors: {
      1024: [20.1, 1265.8, 35.2, 1947.4, 50.4, 5809.0],
      2048: [19.8, 932.0, 33.9, 1440.7, 50.9, 5426.2],
      4096: [20.7, 946.7, 34.1, 1369.6, 50.0, 5349.4],
      8192: [20.4, 862.5, 34.6, 1344.5, 49.3, 7523.5],
      16384: [19.7, 1019.2, 34.9, 1455.4, 42.5, 18588.0],
    },
  },
];
