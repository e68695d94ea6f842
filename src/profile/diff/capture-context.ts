// What a capture says of the conditions under which it was measured, put into the words of the one context matcher.
import type { Context } from '../../metrics/context.ts';
import { compareContexts } from '../../verdict/context-match.ts';
import type { ContextComparison } from '../../verdict/context-match.ts';
import type { ProfileSide } from '../model/profile-side.ts';

/** GPU and driver of a side, null where no capture names them; several, where its captures differ. */
const captureContext = (captures: readonly ProfileSide[]): Context => ({
  hardware: allOf(captures.flatMap(({ ranks }) => ranks.map(({ gpuName }) => gpuName))),
  driver: allOf(captures.map(({ facts }) => facts.driver)),
});

const allOf = (values: readonly (string | null)[]): string | null => {
  const known = [...new Set(values.flatMap((value) => value ?? []))].sort();
  return known.length === 0 ? null : known.join(', ');
};

/** Facts that both sides state and that differ are mismatches, unless `axis` names them as changed on purpose. */
export const compareCaptureContexts = (
  baseline: readonly ProfileSide[],
  candidate: readonly ProfileSide[],
  axis: readonly string[] = [],
): ContextComparison => compareContexts(captureContext(baseline), captureContext(candidate), axis);
