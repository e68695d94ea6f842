// What every verb that imports captures of kernels has in common. A verb's file holds only what is its own.
import { z } from 'zod';
import { pathField } from '../../verb/define-verb.ts';
import { reads } from '../../verb/path-use.ts';
import { CAMPAIGN_FIELDS } from '../campaign-field.ts';
import type { CaptureSource } from './capture-sources.ts';
import { CAPTURE_DATA, capturesText, type CaptureAnswer, type CaptureCall } from './import-captures.ts';

/** `holds` says what the bundle is: `Folder with nsys/, of one cell or of arms.` */
export const captureFields = (holds: string) => ({
  ...CAMPAIGN_FIELDS,
  bundle: pathField(holds),
  cell_id: z.string().min(1).optional().describe('Cell. Default: name of the folder.'),
  new_cell: z.boolean().optional().describe('New cell. cell_id may be one that the campaign does not have yet.'),
});

type CaptureInput = z.output<z.ZodObject<ReturnType<typeof captureFields>>>;

/** The parts of the definition. */
export const captureVerb = (source: CaptureSource) => ({
  name: `perf_tune_report_import_${source}`,
  family: 'campaign' as const,
  library: 'perf_tune_report',
  verb: `import_${source}`,
  safety: 'writes_artifacts' as const,
  paths: { bundle: reads },
  seldom: ['campaigns_dir' as const, 'new_cell' as const],
  data: CAPTURE_DATA,
  render: capturesText,
  next: ({ campaign_dir: campaign }: CaptureAnswer) => [
    { verb: 'perf_tune_report_campaign_status', input: { campaign } },
  ],
});

/** The call of an import, from what every such verb is given. */
export const captureCall = (source: CaptureSource, input: CaptureInput): CaptureCall => ({
  campaign: input.campaign,
  campaignsDir: input.campaigns_dir,
  bundle: input.bundle,
  cellId: input.cell_id,
  newCell: input.new_cell === true,
  source,
});
