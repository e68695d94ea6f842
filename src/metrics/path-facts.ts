// What the path of a number in a document says about it: its own name, and where that says nothing (`p99`, `value`, `user`),
// the names around it. Then what its unit adds. The unit wins over the name; where both contradict each other the direction
// stays open. Never looks at values.
import { type NameFacts, factsOfName } from './name-facts.ts';
import { dimensionOf } from './units.ts';
import type { Direction } from '../stats/direction.ts';

/** How many names around a number are asked. */
const MOST_AROUND = 3;

/** Says nothing that the names around it could not say better. */
export const isOpen = ({ kind, direction, unit, quantity, vague }: NameFacts): boolean =>
  vague || (kind === 'metric' && direction === null && unit === null && quantity === null);

const isVagueWord = (name: string): boolean => factsOfName(name).vague;

interface Place {
  readonly name: string;
  /** Where the path of what holds it ends; 0 at the top. */
  readonly end: number;
}

/** The last name before `end`, brackets included: `p50` of `a[x=1].p50`, `a.b` of `["a.b"]`, `x=1` of `a[x=1]`. */
const placeBefore = (path: string, end: number): Place => {
  if (path.charCodeAt(end - 1) !== 93) {
    const start = Math.max(path.lastIndexOf('.', end - 1), path.lastIndexOf(']', end - 1)) + 1;
    return { name: path.slice(start, end), end: start > 0 && path[start - 1] === '.' ? start - 1 : start };
  }
  const start = path.startsWith('"]', end - 2) ? path.lastIndexOf('["', end - 3) : path.lastIndexOf('[', end - 1);
  const from = Math.max(start, 0);
  const quoted = path[from + 1] === '"' && path.startsWith('"]', end - 2);
  return { name: path.slice(from + (quoted ? 2 : 1), end - (quoted ? 2 : 1)), end: from };
};

const NAMING = /(?:^|[_. ])(?:name|metric|key|label|test|benchmark|type|kind)$/i;
const NAMING_HUMP = /[a-z](?:Name|Metric|Key|Label|Test|Benchmark|Type|Kind)$/;
const isNaming = (label: string): boolean => NAMING.test(label) || NAMING_HUMP.test(label);

/** The values of labels that name what was measured: `ttft_ms` of `metric.name=ttft_ms,tp=8`. */
const namesInLabels = (labels: string): string[] =>
  labels.split(',').flatMap((pair) => {
    const cut = pair.indexOf('=');
    return cut > 0 && isNaming(pair.slice(0, cut)) ? [pair.slice(cut + 1)] : [];
  });

/** Facts of a name with the names around it, nearest first, until one of them says something. */
const askAround = (own: NameFacts, name: string, path: string, end: number): NameFacts => {
  let [around, at] = [name, end];
  for (let asked = 0; asked < MOST_AROUND && at > 0; asked += 1) {
    const place = placeBefore(path, at);
    at = place.end;
    if (place.name.includes('=')) {
      const named = namesInLabels(place.name)
        .map((label) => factsOfName(isVagueWord(name) ? label : `${label}_${name}`))
        .find((facts) => !isOpen(facts));
      if (named !== undefined) return named;
      continue;
    }
    around = `${place.name}_${around}`;
    const facts = factsOfName(around);
    if (!isOpen(facts)) return facts;
  }
  return own;
};

/** What a metric's name or its path in a document says. */
export const factsOfPath = (path: string): NameFacts => {
  if (!path.includes('.') && path.charCodeAt(path.length - 1) !== 93) return factsOfName(path);
  const { name, end } = placeBefore(path, path.length);
  const own = factsOfName(name);
  return end === 0 || !isOpen(own) ? own : askAround(own, name, path, end);
};

const TIME: Direction = 'lower-is-better';
const RATE: Direction = 'higher-is-better';

/** Which way is better for a number of this unit; null where the unit does not say. */
export const directionOfUnit = (unit: string): Direction | null => {
  const dimension = dimensionOf(unit);
  if (dimension === 'time' || dimension === 'energy_per_token') return TIME;
  if (dimension === 'bandwidth' || dimension === 'flops' || dimension === 'request_rate') return RATE;
  return dimension?.startsWith('token_rate') === true || dimension?.startsWith('rate of') === true ? RATE : null;
};

/** Facts in the light of a unit. */
export interface Judged {
  readonly direction: Direction | null;
  readonly unit: string | null;
  /** Name and unit cannot both be right: the direction is left open. */
  readonly conflict: boolean;
}

const contradicts = ({ quantity, turned }: NameFacts, unit: Direction | null): boolean =>
  !turned && ((quantity === 'time' && unit === RATE) || (quantity === 'rate' && unit === TIME));

/** Direction and unit of a number by its name and the unit that stands with it, if any. */
export const withUnit = (facts: NameFacts, stated: string | null): Judged => {
  if (stated === null) return { direction: facts.direction, unit: facts.unit, conflict: false };
  const byUnit = directionOfUnit(stated);
  if (contradicts(facts, byUnit)) return { direction: null, unit: stated, conflict: true };
  const weak = facts.direction === null ? !facts.turned : facts.quantity === 'score' || facts.quantity === 'time';
  return { direction: (weak ? byUnit : null) ?? facts.direction, unit: stated, conflict: false };
};
