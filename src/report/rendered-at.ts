// The time that a report says it was rendered at.
import { Fault } from '../text/fault.ts';
import type { VerbContext } from '../verb/context.ts';

/** `SOURCE_DATE_EPOCH` where it is set (reproducible-builds.org), else now. Throws a Fault `source_date_epoch_invalid`. */
export const renderedAt = ({ env, now }: Pick<VerbContext, 'env' | 'now'>): Date => {
  const fixed = env['SOURCE_DATE_EPOCH'];
  if (fixed === undefined || fixed === '') return new Date(now().epochMs);
  const seconds = Number(fixed);
  if (!/^\d+$/.test(fixed) || seconds > 253_402_300_799)
    throw new Fault('usage', 'source_date_epoch_invalid', `SOURCE_DATE_EPOCH is ${JSON.stringify(fixed)}`, {
      fix: 'set it to whole seconds since 1970, as `date +%s` prints them, or unset it',
    });
  return new Date(1000 * seconds);
};
