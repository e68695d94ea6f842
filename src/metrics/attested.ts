// Facts that a tier asks for and that somebody may have typed instead of recorded. Data only.

export const ATTESTED_FACTS = ['cache_state', 'n_gpus', 'placement', 'replicate_level', 'validity'] as const;

/** A fact that rests on a caller's word. */
export type AttestedFact = (typeof ATTESTED_FACTS)[number];
