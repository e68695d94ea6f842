// Lists the small wrong changes ("mutants") that a source file admits, each of which a test ought to notice. Changes only what
// runs: types, imports, messages and fallbacks that an index cannot reach are left alone.
import ts from 'typescript';

export interface Mutant {
  readonly file: string;
  /** Character positions of the text that is replaced. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  readonly operator: string;
  readonly line: number;
  readonly original: string;
}

interface Change {
  readonly node: ts.Node;
  readonly start?: number;
  readonly end?: number;
  readonly replacement: string;
  readonly operator: string;
}

const BINARY: Readonly<Record<string, readonly (readonly [operator: string, replacement: string])[]>> = {
  '<': [
    ['boundary', '<='],
    ['flip', '>='],
  ],
  '<=': [
    ['boundary', '<'],
    ['flip', '>'],
  ],
  '>': [
    ['boundary', '>='],
    ['flip', '<='],
  ],
  '>=': [
    ['boundary', '>'],
    ['flip', '<'],
  ],
  '===': [['flip', '!==']],
  '!==': [['flip', '===']],
  '+': [['arithmetic', '-']],
  '-': [['arithmetic', '+']],
  '*': [['arithmetic', '/']],
  '/': [['arithmetic', '*']],
  '%': [['arithmetic', '*']],
  '**': [['arithmetic', '*']],
  '+=': [['arithmetic', '-=']],
  '-=': [['arithmetic', '+=']],
  '*=': [['arithmetic', '/=']],
  '/=': [['arithmetic', '*=']],
  '&&': [['logic', '||']],
  '||': [['logic', '&&']],
};

/** Methods that keep the type of what they are called on: without the call the value passes through unchanged. */
const PASS_THROUGH = new Set(['filter', 'toSorted', 'sort', 'toReversed', 'reverse', 'slice', 'trim', 'flat']);
const SWAPPED: Readonly<Record<string, string>> = {
  some: 'every',
  every: 'some',
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
};

/** Words that stand for a decision: reason_codes and STATUS words, never sentences. */
const isCode = (text: string): boolean =>
  /^[a-z][a-z0-9]*([_-][a-z0-9]+)+$/.test(text) || /^[A-Z][A-Z_]{2,}$/.test(text);

const isText = (node: ts.Node): boolean =>
  ts.isStringLiteral(node) || ts.isTemplateExpression(node) || ts.isNoSubstitutionTemplateLiteral(node);

const isConcatenation = (node: ts.BinaryExpression): boolean =>
  isText(node.left) || isText(node.right) || (ts.isBinaryExpression(node.left) && isConcatenation(node.left));

/** The right side of `values[index] ?? fallback`: there for the compiler, never taken where the index is in range. */
const isIndexFallback = (node: ts.Node): boolean => {
  const { parent } = node;
  if (!ts.isBinaryExpression(parent) || parent.operatorToken.kind !== ts.SyntaxKind.QuestionQuestionToken) return false;
  const constant = ts.isNumericLiteral(node) || ts.isPropertyAccessExpression(node) || ts.isPrefixUnaryExpression(node);
  return parent.right === node && ts.isElementAccessExpression(parent.left) && constant;
};

const ofBinary = (node: ts.BinaryExpression): Change[] => {
  const text = node.operatorToken.getText();
  if (text === '+' && isConcatenation(node)) return [];
  const start = node.operatorToken.getStart();
  return (BINARY[text] ?? []).map(([operator, replacement]) => ({
    node,
    start,
    end: node.operatorToken.end,
    replacement,
    operator,
  }));
};

const ofNumber = (node: ts.NumericLiteral): Change[] => {
  const value = Number(node.text);
  const texts = Number.isInteger(value) ? [`${value + 1}`, `(${value - 1})`] : [`${value * 1.1}`, `${value * 0.9}`];
  return texts.map((replacement) => ({ node, replacement, operator: 'constant' }));
};

const ofString = (node: ts.StringLiteral): Change[] => {
  const { parent } = node;
  const isName = ts.isPropertyAssignment(parent) && parent.name === node;
  if (isName || ts.isImportDeclaration(parent) || !isCode(node.text)) return [];
  return [{ node, replacement: `'${node.text}~'`, operator: 'code' }];
};

const ofCall = (node: ts.CallExpression): Change[] => {
  const { expression } = node;
  if (!ts.isPropertyAccessExpression(expression)) return [];
  const name = expression.name.text;
  const swapped = SWAPPED[name];
  if (swapped !== undefined) return [{ node: expression.name, replacement: swapped, operator: 'method' }];
  if (!PASS_THROUGH.has(name)) return [];
  return [{ node, start: expression.expression.end, replacement: '', operator: 'call removed' }];
};

const ofArray = (node: ts.ArrayLiteralExpression): Change[] =>
  node.elements.map((element, index) => {
    const next = node.elements[index + 1];
    return { node: element, end: next?.getStart() ?? element.end, replacement: '', operator: 'element removed' };
  });

const removed = (node: ts.Node): Change => ({ node, replacement: ';', operator: 'statement removed' });

const negated = (condition: ts.Expression): Change => ({
  node: condition,
  replacement: `!(${condition.getText()})`,
  operator: 'negation',
});

/** Conditions that are comparisons have mutants of their own. */
const ofCondition = (condition: ts.Expression): Change[] =>
  ts.isBinaryExpression(condition) && BINARY[condition.operatorToken.getText()] !== undefined
    ? []
    : [negated(condition)];

const ofArrow = (node: ts.ArrowFunction): Change[] =>
  ts.isBlock(node.body) || node.body.getText() === 'undefined'
    ? []
    : [{ node: node.body, replacement: 'undefined', operator: 'return value' }];

const changesOf = (node: ts.Node): Change[] => {
  if (ts.isBinaryExpression(node)) return ofBinary(node);
  if (ts.isNumericLiteral(node)) return ofNumber(node);
  if (ts.isStringLiteral(node)) return ofString(node);
  if (ts.isCallExpression(node)) return ofCall(node);
  if (ts.isArrayLiteralExpression(node)) return ofArray(node);
  if (ts.isConditionalExpression(node)) return ofCondition(node.condition);
  if (ts.isArrowFunction(node)) return ofArrow(node);
  if (ts.isThrowStatement(node) || ts.isExpressionStatement(node)) return [removed(node)];
  if (ts.isIfStatement(node))
    return [...ofCondition(node.expression), ...(node.elseStatement === undefined ? [removed(node)] : [])];
  if (ts.isReturnStatement(node) && node.expression !== undefined && node.expression.getText() !== 'undefined')
    return [{ node: node.expression, replacement: 'undefined', operator: 'return value' }];
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [{ node, replacement: 'false', operator: 'constant' }];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [{ node, replacement: 'true', operator: 'constant' }];
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
    return [{ node, replacement: node.operand.getText(), operator: 'negation' }];
  return [];
};

/** Nodes under which nothing runs, or whose wording is for people. */
const isLeftAlone = (node: ts.Node): boolean =>
  ts.isTypeNode(node) ||
  ts.isImportDeclaration(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  isIndexFallback(node) ||
  (ts.isCallExpression(node) && /\.(describe|meta)$/.test(node.expression.getText()) && node.arguments.every(isText));

/** All mutants of a file, in the order of the text. */
export const mutantsOf = (file: string, text: string): Mutant[] => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const found: Mutant[] = [];
  const visit = (node: ts.Node): void => {
    if (isLeftAlone(node)) return;
    for (const { node: at, replacement, operator, start = at.getStart(), end = at.end } of changesOf(node))
      found.push({
        file,
        start,
        end,
        replacement,
        operator,
        line: source.getLineAndCharacterOfPosition(start).line + 1,
        original: text.slice(start, end),
      });
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return found;
};

export const applyMutant = (text: string, { start, end, replacement }: Mutant): string =>
  text.slice(0, start) + replacement + text.slice(end);
