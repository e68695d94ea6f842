// Kernel names reduced step by step, so that a kernel that was renamed, re-templated or re-tiled is recognised. Pure text.

const CASTS = /\((?:int|unsigned int|long|unsigned long|bool|short|unsigned char|char|float)\)(?=-?\d)/g;
const ORDINALS = /\(instance \d+\)|#\d+/g;

/** The name without what compilers and profilers spell differently: literal casts, ordinals of lambdas, spaces. */
export const canonicalName = (name: string): string =>
  name
    .replace(CASTS, '')
    .replace(ORDINALS, '')
    .replace(/\{lambda|\[lambda/g, 'lambda')
    .replace(/\s+/g, '');

/** Tile sizes, stages and numbers of generated code taken out: `nvjet_tst_192x192_64x4_2x1_v` to `nvjet_tst_v`. */
export const tilelessName = (name: string): string => {
  const short = name.replace(/<[\s\S]*$/, '').replace(/\([\s\S]*$/, '');
  const parts = short
    .split('_')
    .filter((part) => !/^(?:\d+x\d+(?:x\d+)*|t\d+x\d+x\d+u?\d*|s\d+|et\d.*|m\d+x.*|\d+|stages?\d+|v\d+)$/i.test(part));
  return parts.join('_');
};
