// Reads a measurement's place however it was written: as two fields, or as the family/measurement that answers print.

/** Family and measurement; what follows an `@` names an entry and is left out. */
export const splitPlace = (
  family: string | undefined,
  measurement: string | undefined,
): readonly [family: string | undefined, measurement: string | undefined] => {
  const [first, second, ...rest] = family?.split('/') ?? [];
  if (family === undefined && measurement?.includes('/') === true) return splitPlace(measurement, undefined);
  if (measurement !== undefined || !first || !second || rest.length > 0) return [family, measurement];
  return [first, second.replace(/@.*$/, '')];
};
