// Command templates: argument lists with `{name}` placeholders. Values become whole arguments or parts of one, never syntax.
import type { Combination, Parameter } from './parameter-space.ts';

const PLACEHOLDER = /\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Names of the placeholders in one argument. */
export const placeholders = (argument: string): string[] =>
  [...argument.matchAll(PLACEHOLDER)].flatMap(([, name]) => (name === undefined ? [] : [name]));

/** `-DBLOCK_M=128` for every parameter, in their order; true and false are 1 and 0. */
export const defines = (parameters: readonly Parameter[], combination: Combination): string[] =>
  parameters.map(({ name }) => {
    const value = combination[name];
    return `-D${name}=${typeof value === 'boolean' ? Number(value) : String(value)}`;
  });

/** One text with its placeholders filled in; unknown ones stay as they are. */
export const fillText = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(PLACEHOLDER, (whole, name: string) => values[name] ?? whole);

/** An argument list with its placeholders filled in; an argument `{defines}` becomes all definitions. */
export const fillCommand = (
  command: readonly string[],
  values: Readonly<Record<string, string>>,
  definitions: readonly string[],
): string[] =>
  command.flatMap((argument) => (argument === '{defines}' ? [...definitions] : [fillText(argument, values)]));
