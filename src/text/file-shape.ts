// Names of the shapes of files that callers write. An error about such a file names the resource that shows its shape. Pure.

export const FILE_SHAPES = [
  'campaign',
  'ceilings',
  'comparison',
  'context',
  'frozen',
  'metrics',
  'policy',
  'ratchet-result',
  'tuning',
  'waivers',
] as const;
export type FileShape = (typeof FILE_SHAPES)[number];

/** Below `schemas/`, without extension. */
export const schemaName = (shape: FileShape): string =>
  shape === 'context' || shape === 'campaign' ? `${shape}.v1` : `${shape}-file.v1`;

export const shapeUri = (shape: FileShape): string => `perf://files/${shape}`;

/** The end of a fix: where the whole shape is. */
export const shapeHint = (shape: FileShape): string =>
  `${shapeUri(shape)} (schemas/${schemaName(shape)}.json) shows its shape with an example`;
