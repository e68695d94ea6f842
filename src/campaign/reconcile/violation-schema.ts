// Violations in answers of verbs: the one schema, for importers and for the reconciliation.
import { z } from 'zod';
import { BALANCES, SEVERITIES } from './balance.ts';
import { CAUSE_IDS } from './causes.ts';

export const VIOLATIONS = z.array(
  z.object({
    row_id: z.string(),
    cell_id: z.string(),
    concurrency: z.number(),
    balance: z.enum(BALANCES),
    severity: z.enum(SEVERITIES),
    expected: z.number(),
    seen: z.number(),
    factor: z.number(),
    unit: z.string(),
    likely_cause: z.enum(CAUSE_IDS),
    says: z.string(),
  }),
);
