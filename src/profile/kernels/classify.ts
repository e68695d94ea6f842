// Sorts GPU kernels into buckets by name; a name that no rule knows is `other`, never guessed. Reads no file and loads no
// package: the threads that read profiles start with it.
import { type Fault, inputFault } from '../../text/fault.ts';
import { withinTime } from '../../text/within-time.ts';
import type { Bucket, Category } from '../model/buckets.ts';
import type { Kernel } from '../model/profile-side.ts';

/** The rules as plain data: they may cross a thread, compiled expressions may not. */
export interface BucketRules {
  /** The rules are not those that the product was built with: their patterns may take any time, so a name has a limit. */
  readonly edited?: boolean;
  readonly category_of_triton: Category;
  readonly rules: readonly {
    readonly bucket: Bucket;
    readonly category: Category;
    /** Expressions over the function name, and over the whole name. */
    readonly head: readonly string[];
    readonly name: readonly string[];
  }[];
}

export interface Classified {
  readonly bucket: Bucket;
  readonly category: Category;
}

export type Classify = (kernelName: string) => Classified;

/** Function name without return type, template arguments and parameters: `at::native::reduce_kernel`. */
export const kernelHead = (name: string): string => {
  const declared = name.startsWith('std::enable_if') ? name.replace(/^.*?>::type /, '') : name;
  const plain = declared
    .replace(/\((anonymous namespace|anonymous_namespace)\)/g, 'anonymous')
    .replace(/<unnamed>/g, 'unnamed');
  const end = plain.search(/[<(]/);
  const signature = end < 0 ? plain : plain.slice(0, end);
  return signature.trim().split(/\s+/).at(-1) ?? '';
};

/** Milliseconds that edited rules may take for one name. */
const LONGEST_NAME_MS = 1000;
const MOST_SHOWN = 80;

const tooSlow = (name: string): Fault =>
  inputFault(
    'bucket_rules_too_slow',
    `the patterns of kernel-buckets.yaml take more than ${LONGEST_NAME_MS / 1000} s for ${name.slice(0, MOST_SHOWN)}`,
    { fix: 'look for a pattern with nested repeats, such as ^(a+)+$, and write it without them' },
  );

/** Compiles rules into a classifier that remembers names. Throws a Fault `bucket_rules_too_slow` for a name. */
export const classifier = (rules: BucketRules): Classify => {
  const either = (patterns: readonly string[]): RegExp | null =>
    patterns.length === 0 ? null : new RegExp(patterns.map((pattern) => `(?:${pattern})`).join('|'), 'i');
  const compiled = rules.rules.map((rule) => ({ ...rule, head: either(rule.head), name: either(rule.name) }));
  const known = new Map<string, Classified>();
  const classify = (name: string): Classified => {
    const head = kernelHead(name);
    const rule = compiled.find((entry) => entry.head?.test(head) === true || entry.name?.test(name) === true);
    const bucket = rule?.bucket ?? 'other';
    if (/^triton_/i.test(head)) return { bucket, category: rules.category_of_triton };
    return { bucket, category: rule?.category ?? 'Other' };
  };
  const limited = (name: string): Classified =>
    withinTime(
      () => classify(name),
      LONGEST_NAME_MS,
      () => tooSlow(name),
    );
  return (name) => {
    const found = known.get(name) ?? (rules.edited === true ? limited(name) : classify(name));
    known.set(name, found);
    return found;
  };
};

/** A kernel by its name; `shortName` where the file has one of its own, else the last part of the function name. */
export const kernelNamed = (name: string, classify: Classify, shortName = shortNameOf(name)): Kernel => {
  const classified = classify(name);
  return { name, shortName, ...classified, collective: classified.bucket === 'collective' };
};

const shortNameOf = (name: string): string => kernelHead(name).split('::').at(-1) || name;
