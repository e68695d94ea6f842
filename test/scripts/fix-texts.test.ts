import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const parsed = ['src', 'tools'].flatMap((folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)),
);

/** What an expression can say, with `…` for what is filled in; nothing for what another place says. */
const texts = (node: ts.Expression | undefined): string[] => {
  if (node === undefined) return [];
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node))
    return [node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('')];
  if (ts.isConditionalExpression(node)) return [...texts(node.whenTrue), ...texts(node.whenFalse)];
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken)
    return [...texts(node.left), ...texts(node.right)];
  return [];
};

const walk = (node: ts.Node, visit: (node: ts.Node) => void): void => {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
};

/** Functions of a file that take a fix, by name, and which of their parameters it is. */
const takers = (file: ts.SourceFile): ReadonlyMap<string, number> => {
  const found = new Map<string, number>();
  walk(file, (node) => {
    if (!ts.isArrowFunction(node) || !ts.isVariableDeclaration(node.parent)) return;
    const at = node.parameters.findIndex(({ name }) => name.getText() === 'fix');
    if (at >= 0) found.set(node.parent.name.getText(), at);
  });
  return found;
};

const fixesOf = (file: ts.SourceFile): string[] => {
  const taking = takers(file);
  const found: string[] = [];
  walk(file, (node) => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'fix') found.push(...texts(node.initializer));
    if (!ts.isCallExpression(node)) return;
    const at = taking.get(node.expression.getText());
    if (at !== undefined) found.push(...texts(node.arguments[at]));
  });
  return found;
};

/** Stands behind `fix: ` and perhaps before another one: begins with what to do, in lower case, and has no full stop. */
const isInStyle = (fix: string): boolean =>
  /^(?:…|did you mean |(?!(?:the|an?|it|its|this|that|there|if|when|you|no|not)\b)[a-z]+\b(?![_-]))/.test(fix) &&
  !/[^.…]\.$/.test(fix);

test('a fix says what to do: an imperative in lower case without a full stop', () => {
  const fixes = parsed.flatMap((file) => fixesOf(file).map((fix) => `${fix} (${file.fileName})`));
  expect(fixes.length).toBeGreaterThan(300);
  expect(fixes.filter((fix) => !isInStyle(fix.replace(/ \([^()]*\)$/, '')))).toEqual([]);
});

test.each([
  'Check the path.',
  'Check the path',
  'check the path.',
  'the file is cut: copy it again',
  'if it is gone, remove it',
  'find_verb names them',
])('"%s" would not do', (fix) => expect(isInStyle(fix)).toBe(false));
