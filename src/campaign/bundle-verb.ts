// What every verb that imports a bundle has in common: the fields that name campaign and cells, the answer and how it reads. A verb's
// file holds only what is its own: what the bundle is, how it is laid out, and what it says.
import { z } from 'zod';
import { safeSegment } from '../fs/safe-path.ts';
import { CAMPAIGN_FIELDS } from './campaign-field.ts';
import { givenIdentity, IDENTITY_FIELDS, SELDOM_IDENTITY_FIELDS } from './identity-fields.ts';
import { IMPORT_DATA, importNotices, importSteps, importText, type ImportCall } from './import-answer.ts';

/** The cell of a bundle; a verb whose bundle names its cells has no such field. */
export const CELL_ID = { cell_id: z.string().min(1).optional().describe('Cell. Default: name of the bundle.') };

export const BUNDLE_FIELDS = {
  ...CAMPAIGN_FIELDS,
  ...IDENTITY_FIELDS,
  notes: z.string().optional().describe('Notes. Kept with every row.'),
};

type BundleInput = z.output<z.ZodObject<typeof BUNDLE_FIELDS>>;

/** The parts of the definition; `seldom` are fields that this verb in particular seldom needs. */
export const bundleVerb = (verb: string, seldom: readonly (keyof typeof BUNDLE_FIELDS)[] = []) => ({
  name: `perf_tune_report_${verb}`,
  family: 'campaign' as const,
  library: 'perf_tune_report',
  verb,
  safety: 'writes_artifacts' as const,
  seldom: ['campaigns_dir' as const, 'notes' as const, ...seldom, ...SELDOM_IDENTITY_FIELDS],
  data: IMPORT_DATA,
  render: importText,
  next: importSteps,
  notices: importNotices,
});

/** The call of an import, from what every such verb is given and what is its own. Throws a Fault `unsafe_segment`. */
export const importCall = (
  input: BundleInput & { readonly cell_id?: string | undefined },
  own: Pick<ImportCall, 'bundle' | 'importer' | 'layouts'>,
): ImportCall => ({
  campaign: input.campaign,
  campaignsDir: input.campaigns_dir,
  cellId: input.cell_id === undefined ? undefined : safeSegment(input.cell_id, 'cell_id'),
  given: givenIdentity(input),
  notes: input.notes,
  ...own,
});
