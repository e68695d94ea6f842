// The fields by which a caller names a campaign; the same for every verb that works on one.
import { z } from 'zod';
import { pathField } from '../verb/define-verb.ts';

export const CAMPAIGN_FIELDS = {
  campaign: z.string().min(1).describe('Path, folder name, experiment id or slug.'),
  campaigns_dir: pathField('Folder of all campaigns.').optional(),
};

/** For a verb that begins a campaign. */
export const CAMPAIGNS_DIR = { campaigns_dir: CAMPAIGN_FIELDS.campaigns_dir };
