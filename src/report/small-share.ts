// Shares in words. A small share keeps its digits: 0.022 % is not nothing.
import { formatNumber, formatShare } from '../render/numbers.ts';

export const shareText = (percent: number): string =>
  percent !== 0 && Math.abs(percent) < 0.1 ? `${formatNumber(percent, 2)}%` : formatShare(percent);
