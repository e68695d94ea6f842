// What a gate is: a question that only a record answers, with its result, its evidence and the record that it lacks. Judges nothing.
import { cellFile } from '../campaign/layout.ts';
import type { AtlasRow } from '../campaign/row.ts';
import type { ChampionRows } from './champion-rows.ts';
import type { VariantGrounding } from './ladder.ts';
import type { Contender, Lead } from './ranked-variants.ts';

export const GATES = [
  'variance',
  'same_node',
  'trials',
  'multi_workload',
  'accuracy',
  'dcgm_grounded',
  'delivery',
] as const;
export type GateName = (typeof GATES)[number];

/** `recorded`: files say it; `attested`: only the call does; `missing`: nobody does. */
export const GATE_STATUSES = ['recorded', 'attested', 'missing'] as const;
export type GateStatus = (typeof GATE_STATUSES)[number];

export const GATE_RESULTS = ['pass', 'fail', 'unknown'] as const;
export type GateResult = (typeof GATE_RESULTS)[number];

export interface Gate {
  readonly name: GateName;
  readonly status: GateStatus;
  readonly result: GateResult;
  readonly detail: string;
  /** Relative to the campaign. */
  readonly evidence: readonly string[];
  /** The record that would take the place of a typed word, or fill what is missing; null where a record is there. */
  readonly needs: string | null;
}

export const WORKLOADS = ['aa', 'sonnet', 'sharegpt', 'random', 'code'] as const;

/** Fewest valid trials a side. */
export const GATE_TRIALS = 3;

/** Words of the call. */
export interface Attested {
  readonly trials: number | null;
  readonly sameNode: boolean;
  readonly workloads: readonly string[] | null;
  readonly accuracy: 'pass' | 'fail' | 'unknown';
}

export interface GateFacts {
  readonly rows: ChampionRows;
  readonly baseline: Contender;
  readonly variant: Contender;
  readonly lead: Lead | null;
  readonly grounding: VariantGrounding;
  readonly attested: Attested;
  readonly requiredWorkloads: readonly string[];
  readonly accuracyFloor: number | null;
  /** Delivery of the whole campaign, for rows that name none; null where its provenance names none. */
  readonly campaignDelivery: string | null;
}

export const rowsPath = ({ cell_id: cell }: Pick<AtlasRow, 'cell_id'>): string =>
  cellFile('', cell, 'rows').replace(/^\//, '');

export const distinct = (paths: readonly string[]): string[] => [...new Set(paths)];

export const recorded = (name: GateName, passes: boolean, detail: string, evidence: readonly string[]): Gate => ({
  name, status: 'recorded', result: passes ? 'pass' : 'fail', detail, evidence: distinct(evidence), needs: null,
}); // prettier-ignore

export const attested = (name: GateName, passes: boolean, detail: string, needs: string): Gate => ({
  name, status: 'attested', result: passes ? 'pass' : 'fail', detail, evidence: [], needs,
}); // prettier-ignore

export const missing = (name: GateName, detail: string, needs: string, evidence: readonly string[] = []): Gate => ({
  name, status: 'missing', result: 'unknown', detail, evidence: distinct(evidence), needs,
}); // prettier-ignore

/** How the code under test of a row came. */
export const deliveryOf = ({ extra }: AtlasRow, ofCampaign: string | null): string | null =>
  typeof extra['delivery'] === 'string' ? extra['delivery'] : ofCampaign;

export const bothRows = ({ baseline, variant }: GateFacts): string[] => [rowsPath(baseline.row), rowsPath(variant.row)];

export const isOfDelivery = ({ variant, campaignDelivery }: GateFacts, row: AtlasRow): boolean =>
  deliveryOf(row, campaignDelivery) === deliveryOf(variant.row, campaignDelivery);

/** Only a record opens a gate. */
export const isMet = ({ status, result }: Gate): boolean => status === 'recorded' && result === 'pass';
