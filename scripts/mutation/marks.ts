// Marks in a source file that report which of its functions were entered, so that a mutant is tried with the tests that reach it.
// Changes nothing that a function returns.
import ts from 'typescript';
import { REACHED } from './plan.ts';

interface Body {
  readonly node: ts.Node;
  readonly start: number;
  readonly end: number;
  readonly isBlock: boolean;
}

const bodiesOf = (text: string): Body[] => {
  const source = ts.createSourceFile('marked.ts', text, ts.ScriptTarget.ES2023, true);
  const found: Body[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const body: ts.Node = node.body;
      found.push({ node, start: body.getStart(), end: body.end, isBlock: ts.isBlock(body) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
};

const nameOf = (file: string, index: number): string => `${file}#${index}`;

/** The text with a mark at the beginning of every function. */
export const withMarks = (file: string, text: string): string => {
  const insertions = bodiesOf(text).flatMap(({ start, end, isBlock }, index) => {
    const mark = `globalThis.${REACHED}?.add(${JSON.stringify(nameOf(file, index))})`;
    if (isBlock) return [{ at: start + 1, text: `${mark};` }];
    return [
      { at: start, text: `(${mark}, ` },
      { at: end, text: ')' },
    ];
  });
  // Of two that end at the same place the inner one closes first: both insert the same text there.
  return insertions
    .toSorted((a, b) => b.at - a.at)
    .reduce((marked, { at, text: mark }) => marked.slice(0, at) + mark + marked.slice(at), text);
};

/** The mark of the innermost function that holds this place; null for what runs when the module is loaded. */
export const markAt = (file: string, text: string, position: number): string | null => {
  const holding = bodiesOf(text)
    .map(({ node, end }, index) => ({ start: node.getStart(), end, index }))
    .filter(({ start, end }) => start <= position && position < end)
    .toSorted((a, b) => a.end - a.start - (b.end - b.start))[0];
  return holding === undefined ? null : nameOf(file, holding.index);
};
