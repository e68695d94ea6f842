// How many different experts the tokens of a pass reach when routing is uniform. Skewed routing reaches fewer, and loads the
// busiest rank more.

/** Expected different experts of `experts` when each of `tokens` independent tokens takes `perToken` different ones. */
export const expectedDistinct = (experts: number, perToken: number, tokens: number): number =>
  experts * (1 - (1 - perToken / experts) ** tokens);

/** The most different experts that the tokens can reach. */
export const worstDistinct = (experts: number, perToken: number, tokens: number): number =>
  Math.min(experts, perToken * tokens);

/** Remote ranks of `ranks` that one token is sent to when each gets one copy, whatever it takes there. */
export const remoteRanks = (experts: number, perToken: number, ranks: number): number => {
  const elsewhere = experts - experts / ranks;
  let missed = 1;
  for (let taken = 0; taken < perToken; taken += 1) missed *= Math.max(0, elsewhere - taken) / (experts - taken);
  return (ranks - 1) * (1 - missed);
};
