// Which metrics may be below zero: differences, and moments against a plan. Everything else that is a time or a size is above it.

/** Words of a name that make it a difference from something else. */
const SIGNED =
  /(?:^|[^a-z])(?:schedule_(?:delay|lag|slip|error)|lateness|earliness|skew|drift|offset|slack|delta|diff|difference|deviation|residual|change|headroom|margin|gap_to_\w+)(?:[^a-z]|$)/;

/** True where a value below zero is one like any other; `name` is a canonical name or a path of a document. */
export const mayBeNegative = (name: string): boolean =>
  SIGNED.test(
    name
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .toLowerCase()
      .replaceAll('-', '_'),
  );
