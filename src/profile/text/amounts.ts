// How a line of a profile diff writes amounts and names of kernels, short enough to be read in one go.
import { formatNanoseconds, formatShare } from '../../render/numbers.ts';
import type { KernelRow } from '../diff/profile-diff-schema.ts';

export const percent = (value: number | null): string => (value === null ? 'n/a' : formatShare(Math.abs(value)));

export const perCall = (ns: number | null): string => (ns === null ? 'n/a' : formatNanoseconds(ns));

const LONGEST_NAME = 60;

/** A kernel name that fits a line. */
export const shortened = (name: string): string => {
  const plain = name.replace(/\([^)]*Args[^)]*\)$/, '').replace(/\s+/g, ' ');
  return plain.length <= LONGEST_NAME ? plain : `${plain.slice(0, LONGEST_NAME - 3)}...`;
};

/** `a and 2 more`. */
export const firstOf = (rows: readonly KernelRow[]): string =>
  `${shortened(rows[0]?.short_name ?? '')}${rows.length > 1 ? ` and ${rows.length - 1} more` : ''}`;
