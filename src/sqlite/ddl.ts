// Reads the column list out of a CREATE TABLE statement as SQLite stores it. Never evaluates SQL.

export interface DeclaredColumn {
  readonly name: string;
  /** Stored as NULL in the record; its value is the row id. */
  readonly rowid: boolean;
  /** A row written before the column was added has this default, which the record does not hold. */
  readonly hasDefault: boolean;
}

export interface DeclaredTable {
  readonly columns: readonly DeclaredColumn[];
  /** WITHOUT ROWID tables and generated columns have another layout: such tables are left to SQLite itself. */
  readonly plain: boolean;
}

type Token = { readonly text: string; readonly quoted: boolean };

const TOKEN = /--[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"]|"")*"|\[[^\]]*\]|`(?:[^`]|``)*`|'(?:[^']|'')*'|[(),]|[^\s(),"'`[]+/g;
const CONSTRAINT = new Set(['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN']);

const tokensOf = (sql: string): Token[] =>
  [...sql.matchAll(TOKEN)]
    .map((match) => match[0])
    .filter((text) => !text.startsWith('--') && !text.startsWith('/*'))
    .map((text) => (/^["[`]/.test(text) ? { text: unquote(text), quoted: true } : { text, quoted: false }));

const unquote = (text: string): string => {
  const mark = text.charAt(0);
  const inner = text.slice(1, -1);
  return mark === '[' ? inner : inner.replaceAll(mark + mark, mark);
};

const isMark = (token: Token, mark: string): boolean => !token.quoted && token.text === mark;

/** Definitions between the outer parentheses, split at commas of that depth, and what follows the list. */
const definitionsOf = (tokens: readonly Token[]): { definitions: Token[][]; tail: Token[] } => {
  const open = tokens.findIndex((token) => isMark(token, '('));
  const definitions: Token[][] = [[]];
  let depth = 1;
  let at = open + 1;
  for (; at < tokens.length && depth > 0; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    if (isMark(token, '(')) depth++;
    if (isMark(token, ')')) depth--;
    if (depth === 1 && isMark(token, ',')) definitions.push([]);
    else if (depth > 0) definitions.at(-1)?.push(token);
  }
  return { definitions, tail: tokens.slice(at) };
};

const words = (tokens: readonly Token[]): string =>
  tokens.map((token) => (token.quoted ? '"' : token.text.toUpperCase())).join(' ');

/** Parses `CREATE TABLE name (…)`. */
export const parseCreateTable = (sql: string): DeclaredTable => {
  const { definitions, tail } = definitionsOf(tokensOf(sql));
  const isConstraint = (tokens: readonly Token[]): boolean =>
    tokens[0]?.quoted === false && CONSTRAINT.has(tokens[0].text.toUpperCase());
  const keyOfTable = definitions
    .filter(isConstraint)
    .map((tokens) => /PRIMARY KEY \( (\S+) \)/.exec(tokens.map((token) => token.text).join(' '))?.[1])
    .find((name) => name !== undefined);
  const columns = definitions.filter((tokens) => tokens.length > 0 && !isConstraint(tokens));
  return {
    columns: columns.map((tokens) => declaredColumn(tokens, keyOfTable)),
    plain: !/WITHOUT ROWID/.test(words(tail)) && !columns.some((tokens) => /\bAS \(/.test(words(tokens.slice(1)))),
  };
};

const declaredColumn = (tokens: readonly Token[], keyOfTable: string | undefined): DeclaredColumn => {
  const [name, ...rest] = tokens;
  const text = words(rest);
  const ownKey = /PRIMARY KEY/.test(text) && !/PRIMARY KEY DESC/.test(text);
  const tableKey = keyOfTable?.toLowerCase() === name?.text.toLowerCase();
  const integer = rest[0]?.text.toUpperCase() === 'INTEGER';
  return { name: name?.text ?? '', rowid: integer && (ownKey || tableKey), hasDefault: /\bDEFAULT\b/.test(text) };
};
