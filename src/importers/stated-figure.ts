// How far two figures of one file may lie apart: they were rounded when they were written, so half of the last digit of each does
// not count. Never compares figures of different files.

/** Share by which a figure may differ from what its own file gives for it. */
export const AGREEMENT = 0.02;

/** Half of the last digit with which a number is written: 0.0005 for `0.053`. */
export const halfDigit = (value: number): number => {
  const [digits = '', exponent = '0'] = String(value).split('e');
  const decimals = digits.split('.')[1]?.length ?? 0;
  return 0.5 * 10 ** (Number(exponent) - decimals);
};

/** True where `stated` lies within `rounding` and 2 percent of `implied`. */
export const agrees = (stated: number, implied: number, rounding: number): boolean =>
  Math.abs(stated - implied) <= AGREEMENT * Math.abs(implied) + rounding;
