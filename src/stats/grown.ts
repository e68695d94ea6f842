// The one way in which typed arrays grow: a larger one that begins with what the old one held.

type Numbers = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array;

/** `target` with the values of `from` at its start. */
export const grown = <T extends Numbers>(from: T, target: T): T => {
  target.set(from);
  return target;
};
