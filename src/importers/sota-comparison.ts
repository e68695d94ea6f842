// Reads `comparison.json` of `sota_compare`: one value a trial for every implementation in every scenario. A cell without a value is
// named with its reason, never a number.
import { arrayAt, hasMembers, textAt } from './json-fields.ts';
import { assemble, noMeasurement, type Point } from './point.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import type { Direction } from '../stats/direction.ts';
import { inputFault } from '../text/fault.ts';
import { isJsonObject, parseJsonObject, type JsonObject } from '../text/json.ts';

const DIRECTIONS: readonly Direction[] = ['lower-is-better', 'higher-is-better'];

interface Scenario {
  readonly unit: string | null;
  readonly direction: Direction | null;
}

/** Unit and direction by scenario; files of earlier versions do not say. */
const scenariosOf = (document: JsonObject): Map<string, Scenario> =>
  new Map(
    arrayAt(document, 'scenarios')
      .filter(isJsonObject)
      .map((scenario) => [
        textAt(scenario, 'name') ?? '',
        {
          unit: textAt(scenario, 'unit') ?? null,
          direction: DIRECTIONS.find((direction) => direction === scenario['direction']) ?? null,
        },
      ]),
  );

const cellPoints = (cell: JsonObject, scenarios: ReadonlyMap<string, Scenario>, path: string): Point[] => {
  const scenario = textAt(cell, 'scenario');
  const implementation = textAt(cell, 'implementation');
  if (scenario === undefined || implementation === undefined)
    throw inputFault('schema_mismatch', `${path}: a cell names no scenario or no implementation`, {
      path,
      at: 'cells',
      fix: 'give the comparison.json that sota_compare wrote',
    });
  const { unit = null, direction = null } = scenarios.get(scenario) ?? {};
  return arrayAt(cell, 'samples').flatMap((value) =>
    typeof value === 'number'
      ? [
          {
            labels: { scenario, implementation },
            samples: [{ name: 'value', source_key: 'samples', unit, value, direction, statistic: null }],
            context: {},
          },
        ]
      : [],
  );
};

const problemsOf = (cells: readonly JsonObject[]): string[] =>
  cells.flatMap((cell) => {
    const problem = textAt(cell, 'problem');
    return problem === undefined
      ? []
      : [`${textAt(cell, 'scenario')} of ${textAt(cell, 'implementation')}: ${problem}`];
  });

const parse = (text: string, path: string): ReadOutcome => {
  const document = parseJsonObject(text, path);
  const cells = arrayAt(document, 'cells').filter(isJsonObject);
  const scenarios = scenariosOf(document);
  const points = cells.flatMap((cell) => cellPoints(cell, scenarios, path));
  const warnings = problemsOf(cells);
  if (points.length === 0) return noMeasurement('sota_comparison', 'no implementation gave a value', warnings);
  return assemble({ format: 'sota_comparison', path, points, warnings });
};

/** `comparison.json` of `sota_compare`. */
export const sotaComparison: Reader = {
  format: 'sota_comparison',
  sniff: (_path, head) => (hasMembers(head, 'schema_version', 'reference', 'versions', 'pairs') ? 0.9 : 0),
  parse,
};
