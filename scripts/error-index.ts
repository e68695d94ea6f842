// Renders docs/errors.md: every error code of the product with its kind, exit code, place and message, read from the sources with the
// compiler. Throws where a code cannot be traced to a literal, so that no error escapes the page.
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import type { Text } from '../src/render/document.ts';
import { markdownTable } from '../src/render/markdown.ts';
import { exitCodeOfKind } from '../src/verb/failure.ts';

/** One place that makes a Fault. */
export interface ErrorSite {
  readonly code: string;
  readonly kind: string;
  readonly file: string;
  /** The message with `<name>` for what is filled in; empty where it is put together elsewhere. */
  readonly message: string;
}

/** A function that makes a Fault: a fixed text, or the number of the parameter that brings it. */
interface Maker {
  readonly kind: ts.Expression | number | 'input';
  readonly code: ts.Expression | number;
  readonly message: ts.Expression | number | undefined;
}

type Call = ts.CallExpression | ts.NewExpression;

const sources = (): string[] =>
  ['src', 'tools'].flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.generated.ts'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );

const openProgram = (): ts.Program => {
  const read = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, '.');
  return ts.createProgram(sources(), options);
};

/** What stands for an expression inside a message. */
const placeholder = (node: ts.Expression): string => {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  if (ts.isCallExpression(node) && node.arguments[0] !== undefined) return placeholder(node.arguments[0]);
  return '…';
};

const messageText = (node: ts.Expression | undefined): string => {
  if (node === undefined) return '';
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return [
      node.head.text,
      ...node.templateSpans.map((span) => `<${placeholder(span.expression)}>${span.literal.text}`),
    ].join('');
  if (ts.isConditionalExpression(node)) return messageText(node.whenTrue);
  if (ts.isParenthesizedExpression(node)) return messageText(node.expression);
  if (ts.isBinaryExpression(node)) return messageText(node.left) + messageText(node.right);
  return '';
};

const walk = (node: ts.Node, visit: (node: ts.Node) => void): void => {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
};

interface Index {
  readonly checker: ts.TypeChecker;
  /** Properties that pass a code on which is a Fault's already. */
  readonly relays: ReadonlySet<ts.Node>;
  /** Calls and constructions by what they call. */
  readonly calls: ReadonlyMap<ts.Symbol, readonly Call[]>;
  /** Object literals that give a property, by the declaration of that property. */
  readonly given: ReadonlyMap<
    ts.Node,
    readonly { readonly value: ts.Expression; readonly literal: ts.ObjectLiteralExpression }[]
  >;
}

const original = (checker: ts.TypeChecker, node: ts.Node): ts.Symbol | undefined => {
  const symbol = checker.getSymbolAtLocation(node);
  return symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0
    ? checker.getAliasedSymbol(symbol)
    : symbol;
};

const indexOf = (program: ts.Program): Index => {
  const checker = program.getTypeChecker();
  const calls = new Map<ts.Symbol, Call[]>();
  const given = new Map<ts.Node, { value: ts.Expression; literal: ts.ObjectLiteralExpression }[]>();
  const relays = new Set<ts.Node>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const symbol = original(checker, node.expression);
      if (symbol !== undefined) calls.set(symbol, [...(calls.get(symbol) ?? []), node]);
    }
    if (!ts.isObjectLiteralExpression(node)) return;
    for (const property of node.properties) {
      if (property.name?.getText() !== 'code') continue;
      const expected = checker.getContextualType(node);
      const variants = expected === undefined ? [] : expected.isUnion() ? expected.types : [expected];
      const declared = variants.flatMap((variant) => variant.getProperty('code')?.declarations ?? []);
      if (ts.isShorthandPropertyAssignment(property)) for (const one of declared) relays.add(one);
      if (!ts.isPropertyAssignment(property)) continue;
      for (const declaration of [...declared, property])
        given.set(declaration, [...(given.get(declaration) ?? []), { value: property.initializer, literal: node }]);
    }
  };
  for (const file of program.getSourceFiles()) if (!file.isDeclarationFile) walk(file, visit);
  return { checker, relays, calls, given };
};

/** The texts that an expression can be, by its type; none where the type is any text. */
const literalTexts = (checker: ts.TypeChecker, node: ts.Expression): string[] => {
  const type = checker.getTypeAtLocation(node);
  const parts = type.isUnion() ? type.types : [type];
  return parts.every((part) => part.isStringLiteral())
    ? parts.flatMap((part) => (part.isStringLiteral() ? [part.value] : []))
    : [];
};

const parameterIndex = (
  checker: ts.TypeChecker,
  node: ts.Expression,
): { owner: ts.SignatureDeclaration; at: number } | null => {
  const declaration = checker.getSymbolAtLocation(node)?.valueDeclaration;
  if (declaration === undefined || !ts.isParameter(declaration)) return null;
  return { owner: declaration.parent, at: declaration.parent.parameters.indexOf(declaration) };
};

interface Found {
  readonly code: string;
  readonly message: string;
  /** Where the code stands as a literal. */
  readonly node: ts.Node;
}

/** Declarations of the property that `node` reads, also where it is taken out of an object. */
const propertyOf = (checker: ts.TypeChecker, node: ts.PropertyAccessExpression | ts.Identifier): readonly ts.Node[] => {
  const symbol = checker.getSymbolAtLocation(ts.isIdentifier(node) ? node : node.name);
  const binding = symbol?.valueDeclaration;
  const taken = binding !== undefined && ts.isBindingElement(binding);
  const found = taken ? checker.getTypeAtLocation(binding.parent).getProperty('code') : symbol;
  return found?.declarations ?? [];
};

/** Codes that an object literal somewhere gives to the property that `node` reads, with the text beside them. */
const givenCodes = (index: Index, node: ts.PropertyAccessExpression | ts.Identifier): Found[] => {
  const { checker, given } = index;
  return propertyOf(checker, node).flatMap((declaration) =>
    (given.get(declaration) ?? []).flatMap(({ value, literal }) => {
      const texts = literal.properties.filter(ts.isPropertyAssignment);
      const beside = texts.find((property) => ['message', 'what', 'says'].includes(property.name.getText()));
      return literalTexts(checker, value).map((code) => ({
        code,
        message: messageText(beside?.initializer),
        node: value,
      }));
    }),
  );
};

/** The code of a Fault that is thrown again. */
const isPassedOn = ({ checker, relays }: Index, node: ts.Expression): boolean => {
  if (!ts.isPropertyAccessExpression(node) && !ts.isIdentifier(node)) return false;
  return propertyOf(checker, node).some(
    (declaration) =>
      relays.has(declaration) ||
      (ts.isClassDeclaration(declaration.parent) && declaration.parent.name?.text === 'Fault'),
  );
};

/** Every place that makes a Fault. Throws for a code that no literal explains. */
export const errorSites = (): ErrorSite[] => {
  const program = openProgram();
  const index = indexOf(program);
  const { checker, calls } = index;
  const sites: ErrorSite[] = [];
  const problems: string[] = [];
  const place = (node: ts.Node): string => relative('.', node.getSourceFile().fileName);

  const record = (kind: string, found: Found): void => {
    sites.push({ code: found.code, kind, message: found.message, file: place(found.node) });
  };
  const kindsOf = (kind: Maker['kind'], call: Call): string[] => {
    if (kind === 'input') return ['input'];
    const node = typeof kind === 'number' ? call.arguments?.[kind] : kind;
    return node === undefined ? [] : literalTexts(checker, node);
  };

  /** Follows every call of one maker; a maker whose code is a parameter of the caller makes the caller a maker. */
  const follow = (owner: ts.Symbol, maker: Maker, seen: readonly ts.Symbol[]): void => {
    for (const call of calls.get(owner) ?? []) {
      const at = (which: ts.Expression | number | undefined): ts.Expression | undefined =>
        typeof which === 'number' ? call.arguments?.[which] : which;
      const code = at(maker.code);
      if (code === undefined || isPassedOn(index, code)) continue;
      const message = at(maker.message);
      const kinds = kindsOf(maker.kind, call);
      const texts = literalTexts(checker, code);
      const parameter = parameterIndex(checker, code);
      if (texts.length > 0) {
        for (const kind of kinds)
          for (const text of texts) record(kind, { code: text, message: messageText(message), node: call });
      } else if (parameter !== null && parameter.at >= 0) {
        const named = parameter.owner.parent;
        const outer = ts.isVariableDeclaration(named)
          ? checker.getSymbolAtLocation(named.name)
          : parameter.owner.name && checker.getSymbolAtLocation(parameter.owner.name);
        const kindAt = typeof maker.kind === 'number' ? call.arguments?.[maker.kind] : maker.kind;
        const kindParameter = kindAt === undefined || kindAt === 'input' ? null : parameterIndex(checker, kindAt);
        const messageParameter = message === undefined ? null : parameterIndex(checker, message);
        if (outer === undefined)
          problems.push(`${place(call)}: ${code.getText()} comes from a function without a name`);
        else if (!seen.includes(outer))
          follow(
            outer,
            {
              kind: kindParameter?.at ?? kindAt ?? 'input',
              code: parameter.at,
              message: messageParameter?.at ?? message,
            },
            [...seen, outer],
          );
      } else if (ts.isPropertyAccessExpression(code) || ts.isIdentifier(code)) {
        const found = givenCodes(index, code);
        if (found.length === 0) problems.push(`${place(call)}: nothing says what ${code.getText()} can be`);
        for (const kind of kinds)
          for (const one of found) record(kind, { ...one, message: one.message || messageText(message) });
      } else problems.push(`${place(call)}: nothing says what ${code.getText()} can be`);
    }
  };

  const exported = (file: string, name: string): ts.Symbol | undefined => {
    const source = program.getSourceFiles().find(({ fileName }) => fileName.endsWith(file));
    const symbol = source && checker.getSymbolAtLocation(source);
    return symbol && checker.getExportsOfModule(symbol).find((one) => one.name === name);
  };
  const fault = exported('src/text/fault.ts', 'Fault');
  if (fault === undefined) throw new Error('src/text/fault.ts exports no Fault');
  follow(fault, { kind: 0, code: 1, message: 2 }, [fault]);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return sites;
};

const unique = (values: readonly string[]): string[] => [...new Set(values)];

const row = (code: string, sites: readonly ErrorSite[]): Text[] => {
  const kinds = unique(sites.map(({ kind }) => kind));
  const files = unique(sites.map(({ file }) => file.replace(/^src\//, '').replace(/\.ts$/, '')));
  const more = files.length > 2 ? ` and ${files.length - 2} more` : '';
  const message = sites.find((site) => site.message !== '')?.message ?? '';
  return [
    [{ code }],
    kinds.join(', '),
    unique(kinds.map((kind) => String(exitCodeOfKind(kind)))).join(', '),
    message === '' ? 'what was found, in its own words' : message,
    `${files.slice(0, 2).join(', ')}${more}`,
  ];
};

/** The page as Markdown. */
export const errorPage = (sites: readonly ErrorSite[]): string => {
  const codes = unique(sites.map(({ code }) => code)).sort();
  const columns = ['Code', 'Kind', 'Exit code', 'What it says', 'From'].map((title) => ({ title }));
  const rows = codes.map((code) =>
    row(
      code,
      sites.filter((site) => site.code === code),
    ),
  );
  return [
    '# Errors',
    'Generated by `npm run gen` from the sources. An error has a stable code, a message with the value seen, and a fix that can be acted on; `path` and `at` say where. Over MCP it is `error` of the structured result, with `isError`; on the command line it is on stderr, or with `--json` on stdout. What the kinds and exit codes mean: [exit-codes.md](exit-codes.md).',
    `${codes.length} codes.`,
    `${markdownTable(columns, rows).trimEnd()}\n`,
  ].join('\n\n');
};
