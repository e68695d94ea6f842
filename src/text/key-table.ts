// A set of the keys met in a text, each with the object it stands in: a hash table without an object per key, for documents of a
// million members. The caller computes the hash while it reads the key.

/** Most keys that are looked at for one; a text whose keys meet more often was made to be slow. */
const MOST_PROBES = 64;

export interface KeyTable {
  /** False when the object `owner` has the key already, or when that takes too long to find out. `hash` is made from both. */
  readonly add: (key: string, owner: number, hash: number) => boolean;
}

const spread = (hash: number): number => {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
};

/** Characters that a member takes, as a first guess of how many members there are. */
const MEMBER_LENGTH = 32;

/** `characters` is the length of the text, from which the first size follows. */
export const createKeyTable = (characters: number): KeyTable => {
  const keys: string[] = [];
  const room = Math.max(16, 2 ** Math.ceil(Math.log2(characters / MEMBER_LENGTH)));
  let owners = new Int32Array(room);
  let hashes = new Int32Array(room);
  /** Position of the key plus one; 0 is free. */
  let slots = new Int32Array(2 * room);

  const place = (hash: number, position: number): void => {
    const mask = slots.length - 1;
    let slot = spread(hash) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = position + 1;
  };
  const grow = (): void => {
    const wider = (from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(2 * from.length);
      to.set(from);
      return to;
    };
    [owners, hashes] = [wider(owners), wider(hashes)];
    slots = new Int32Array(2 * slots.length);
    for (let position = 0; position < keys.length; position += 1) place(hashes[position] ?? 0, position);
  };
  return {
    add: (key, owner, hash) => {
      const mask = slots.length - 1;
      let slot = spread(hash) & mask;
      let probes = 0;
      for (let at = slots[slot] ?? 0; at !== 0; at = slots[(slot = (slot + 1) & mask)] ?? 0) {
        if (hashes[at - 1] === hash && owners[at - 1] === owner && keys[at - 1] === key) return false;
        if ((probes += 1) > MOST_PROBES) return false;
      }
      const position = keys.push(key) - 1;
      owners[position] = owner;
      hashes[position] = hash;
      slots[slot] = position + 1;
      if (keys.length === owners.length) grow();
      return true;
    },
  };
};
