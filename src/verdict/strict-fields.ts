// The fields by which every comparing verb is made a gate: the same names, words and meaning everywhere.
import { z } from 'zod';
import { FAIL_ON } from './exit-code.ts';

/** Of a verb without a notion of an implausible gain: rankings and histories. */
export const GATE_FIELDS = {
  strict: z
    .boolean()
    .optional()
    .describe('Strict. Exit 1 when adverse, 3 when inconclusive with repeats, 4 when nothing can be compared.'),
  strict_context: z.boolean().optional().describe('Strict context. Different contexts are not compared (exit 4).'),
  fail_on: z.array(z.enum(FAIL_ON)).optional().describe('Fail on. Exit 1 for these outcomes.'),
};

export const STRICT_FIELDS = {
  ...GATE_FIELDS,
  accept_implausible: z
    .boolean()
    .optional()
    .describe(
      'Accept implausible. Vouch for gains too large to be believed: more than 20 times, or a factor between units.',
    ),
};
