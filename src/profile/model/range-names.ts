// Names of annotated ranges, made comparable: frameworks append a running number to each range, which would make every
// range of a capture unique. Pure functions over text.

const RUNNING_FIELDS = /, (?:seq|op_id|sizes|input_op_ids|shapes|strides|dtypes|stream|handle) = [\s\S]*$/;
const TRAILING_NUMBER = /(?:[\s_#:.=@-]+\d+)+$/;

/** `aten::to, op_id = 990347` to `aten::to`; `iteration 12` to `iteration`. */
export const rangeName = (text: string): string => {
  const plain = text.replace(RUNNING_FIELDS, '').trim();
  return plain.replace(TRAILING_NUMBER, '') || plain;
};

/** Type of a step: counts are only none or some, `execute_0(0)_generation_12(12)` to `execute_0(0)_generation_#(#)`. */
export const stepTypeName = (text: string): string =>
  rangeName(text).replace(/\d+/g, (digits) => (Number(digits) === 0 ? '0' : '#'));

/** Markers that frameworks and engines put around a step, the most specific first; against the name of the range. */
const STEP_MARKERS: readonly RegExp[] = [
  /^ProfilerStep$/,
  /^(?:train(?:ing)?[_ ]?)?(?:iteration|iter|step)$/i,
  /^(?:engine|decode|model|forward|train(?:ing)?)[_ ]step$/i,
  /^execute_(?:context|new|model)/i,
  /^(?:step|forward)\[/i,
];

/** How specific a range is as the marker of a step: 0 is best, null is none. `marker` is the name or text asked for. */
export const stepRank = (text: string, marker: string | null): number | null => {
  const name = rangeName(text);
  if (marker !== null) return name === marker || text === marker || text.startsWith(marker) ? 0 : null;
  const rank = STEP_MARKERS.findIndex((pattern) => pattern.test(name));
  return rank < 0 ? null : rank;
};
