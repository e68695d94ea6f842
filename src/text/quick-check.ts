// A quick yes for plain JSON that a zod schema takes exactly as it stands, several times faster than parsing it. Only ever says yes
// where parsing would succeed and change nothing; every no, and every kind of schema that it does not know, is for the schema to judge.
import type { z } from 'zod';

/** True only for a value that the schema accepts and gives back as it is. */
export type QuickCheck = (value: unknown) => boolean;

const never: QuickCheck = () => false;

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a check of zod asks of a number or a text; undefined for one that is not known here. */
const demand = (check: z.core.$ZodCheck): QuickCheck | undefined => {
  const { def } = (check as z.core.$ZodChecks)._zod; // checked boundary: zod's own union of its checks
  switch (def.check) {
    case 'greater_than': {
      const { value: least, inclusive } = def;
      if (typeof least !== 'number') return undefined;
      return (value) => typeof value === 'number' && (value > least || (inclusive && value === least));
    }
    case 'less_than': {
      const { value: most, inclusive } = def;
      if (typeof most !== 'number') return undefined;
      return (value) => typeof value === 'number' && (value < most || (inclusive && value === most));
    }
    case 'number_format':
      return def.format === 'safeint' ? (value) => Number.isSafeInteger(value) : undefined;
    case 'min_length':
      return (value) => typeof value === 'string' && value.length >= def.minimum;
    case 'string_format': {
      const { format, pattern } = def;
      if (format !== 'regex' || pattern === undefined || pattern.global || pattern.sticky) return undefined;
      return (value) => typeof value === 'string' && pattern.test(value);
    }
    default:
      return undefined;
  }
};

const withDemands = (isKind: QuickCheck, checks: readonly z.core.$ZodCheck[] = []): QuickCheck => {
  const demands = checks.map(demand);
  if (demands.includes(undefined)) return never;
  const known = demands.filter((each) => each !== undefined);
  const [first, second] = known;
  if (first === undefined) return isKind;
  if (second === undefined) return (value) => isKind(value) && first(value);
  return (value) => isKind(value) && known.every((each) => each(value));
};

/** An object whose members are all declared and there; optional ones and those with defaults must be there too. */
const objectCheck = (shape: Readonly<Record<string, z.core.$ZodType>>, isStrict: boolean): QuickCheck => {
  if (!isStrict) return never;
  const members = new Map(Object.entries(shape).map(([name, schema]) => [name, quickCheck(schema)]));
  return (value) => {
    if (!isPlain(value)) return false;
    let found = 0;
    for (const name in value) {
      if (members.get(name)?.(value[name]) !== true) return false;
      found += 1;
    }
    return found === members.size;
  };
};

const recordCheck = (key: QuickCheck, member: QuickCheck): QuickCheck => (value) => {
  if (!isPlain(value)) return false;
  for (const name in value) if (name === '__proto__' || !key(name) || !member(value[name])) return false;
  return true;
}; // prettier-ignore

const known = new WeakMap<z.core.$ZodType, QuickCheck>();

const lazily = (schemaOf: () => z.core.$ZodType): QuickCheck => {
  let check: QuickCheck | undefined;
  return (value) => (check ??= quickCheck(schemaOf()))(value);
};

const made = (schema: z.core.$ZodType): QuickCheck => {
  const { def } = (schema as z.core.$ZodTypes)._zod; // checked boundary: zod's own union of its schemas
  if (def.type !== 'number' && def.type !== 'string' && (def.checks ?? []).length > 0) return never;
  switch (def.type) {
    case 'number':
      return 'format' in def || def.coerce === true ? never : withDemands(Number.isFinite, def.checks);
    case 'string':
      return 'format' in def || def.coerce === true
        ? never
        : withDemands((value) => typeof value === 'string', def.checks);
    case 'boolean':
      return def.coerce === true ? never : (value) => typeof value === 'boolean';
    case 'null':
      return (value) => value === null;
    case 'enum': {
      const values = new Set<unknown>(Object.values(def.entries));
      return (value) => values.has(value);
    }
    case 'literal': {
      const values = new Set<unknown>(def.values);
      return (value) => values.has(value);
    }
    case 'default':
      return quickCheck(def.innerType);
    case 'nullable': {
      const inner = quickCheck(def.innerType);
      return (value) => value === null || inner(value);
    }
    case 'union': {
      const options = def.options.map(quickCheck);
      return (value) => options.some((option) => option(value));
    }
    case 'array': {
      const element = quickCheck(def.element);
      return (value) => Array.isArray(value) && value.every(element);
    }
    case 'record':
      return (def.keyType as z.core.$ZodTypes)._zod.def.type === 'string' && def.mode !== 'loose'
        ? recordCheck(quickCheck(def.keyType), quickCheck(def.valueType))
        : never;
    case 'object':
      return objectCheck(def.shape, (def.catchall as z.core.$ZodTypes | undefined)?._zod.def.type === 'never');
    case 'lazy':
      return lazily(def.getter);
    default:
      return never;
  }
};

/** The check for a schema, made once. */
export const quickCheck = (schema: z.core.$ZodType): QuickCheck => {
  const check = known.get(schema) ?? made(schema);
  known.set(schema, check);
  return check;
};
