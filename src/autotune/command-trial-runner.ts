// The trial runner of a tuning run on this machine: runs the build and benchmark commands, recognises equal programs by their bytes,
// and reads the value that the benchmark printed. Runs argument lists only, never a shell line.
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { printedAmount, runCommand, type Attempt, type CommandPlace } from '../drivers/bench-command.ts';
import { systemCode } from '../text/fault.ts';
import { canonicalJson } from '../text/json.ts';
import type { MadeArtifacts } from './made-artifacts.ts';
import { combinationKey, type Combination } from './parameter-space.ts';
import { defines, fillCommand, fillText } from './template.ts';
import type { TrialRunner } from './tuning-search.ts';
import type { TuningSpec } from './tuning-spec.ts';

export interface CommandTrialRunnerOptions extends CommandPlace {
  readonly spec: TuningSpec;
  readonly artifacts: MadeArtifacts;
}

/** nvcc names its temporary files after its process and leaves the names in the program: two equal builds differ only there. */
const NVCC_TEMPORARY = /tmpxft_[0-9a-f]{8}_[0-9a-f]{8}/g;

const readBytes = async (path: string): Promise<Buffer | null> => {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
};

const sha256 = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex');

/** What the placeholders of a command stand for. */
const settingsOf = ({ parameters, config }: TuningSpec, combination: Combination) => ({
  ...Object.fromEntries(parameters.map(({ name }) => [name, String(combination[name])])),
  config,
  key: combinationKey(parameters, combination),
});

/** File that the build of a combination makes, relative to the working folder. */
export const artifactName = (spec: TuningSpec, combination: Combination): string =>
  fillText(spec.build?.artifact ?? '', settingsOf(spec, combination));

/** The exact argument lists that build and measure a combination; `build` null where the specification has none. */
export const commandsOf = (
  spec: TuningSpec,
  combination: Combination,
): { readonly build: readonly string[] | null; readonly bench: readonly string[] } => {
  const { parameters, build, bench } = spec;
  const [settings, artifact] = [settingsOf(spec, combination), artifactName(spec, combination)];
  const definitions = defines(parameters, combination);
  return {
    build: build === null ? null : fillCommand(build.command, { ...settings, artifact }, definitions),
    bench: fillCommand(
      bench.command,
      { ...settings, artifact: artifact.includes('/') ? artifact : `./${artifact}` },
      definitions,
    ),
  };
};

/** The parts of a trial runner that touch the machine. */
export const commandTrialRunner = (
  options: CommandTrialRunnerOptions,
): Pick<TrialRunner, 'build' | 'present' | 'measure'> => {
  const { spec, cwd } = options;
  const { parameters } = spec;
  const settings = (combination: Combination) => settingsOf(spec, combination);
  const artifactOf = (combination: Combination): string => artifactName(spec, combination);
  const definitions = (combination: Combination): string[] => defines(parameters, combination);

  /** What would be measured: the program's bytes and the benchmark's arguments, without the name of the artifact. */
  const present = async (combination: Combination): Promise<string | null> => {
    const { key: _name, ...arguments_ } = settings(combination);
    const command = canonicalJson(fillCommand(spec.bench.command, arguments_, definitions(combination)));
    if (spec.build === null) return sha256(command);
    const bytes = await readBytes(join(cwd, artifactOf(combination)));
    if (bytes === null) return null;
    return sha256(`${bytes.toString('latin1').replace(NVCC_TEMPORARY, 'tmpxft')}\n${command}`);
  };

  const build = async (combination: Combination): Promise<Attempt<string>> => {
    const artifact = artifactOf(combination);
    if (spec.build !== null) {
      const path = join(cwd, artifact);
      await options.artifacts.begin(path);
      await mkdir(dirname(path), { recursive: true });
      const built = await runCommand(commandsOf(spec, combination).build ?? [], 1000 * spec.build.timeout_s, options);
      await options.artifacts.finish(path);
      if ('failed' in built) return built;
    }
    const fingerprint = await present(combination);
    return fingerprint === null ? { failed: `the build made no ${artifact}` } : { ok: fingerprint };
  };

  const measure = async (combination: Combination): Promise<Attempt<number>> => {
    const ran = await runCommand(commandsOf(spec, combination).bench, 1000 * spec.bench.timeout_s, options);
    return 'failed' in ran ? ran : printedAmount(ran.ok, spec.bench.value);
  };

  return { build, present, measure };
};
