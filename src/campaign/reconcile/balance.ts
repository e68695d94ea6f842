// The balances that rows are held against, and how grave it is to break one. Names only.

export const BALANCES = [
  'littles_law', 'tokens', 'tpot_throughput', 'client_server', 'dcgm_bytes', 'energy', 'bound', 'configuration', 'own_figures',
  'run_kind',
] as const; // prettier-ignore
export type Balance = (typeof BALANCES)[number];

/** `impossible`: no run can have given these figures. `odd`: one could, and somebody should read the row. */
export const SEVERITIES = ['impossible', 'odd'] as const;
export type Severity = (typeof SEVERITIES)[number];
