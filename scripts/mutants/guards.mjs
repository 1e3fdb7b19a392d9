/**
 * Finds the guards of a TypeScript or AssemblyScript file with TypeScript's own parser: each `if` that keeps what is out of bounds
 * away from the code behind it. These are
 * - an `if` that throws, or calls a function that does (`#fail`, which returns `never`)
 * - an `if` with a comparison of sizes, or a call of `fits`, that returns a constant, nothing, or what says no
 * - an `if` that returns or sets a code of refusal, a constant in capitals (`DISAGREES`, `status = FAULT_STRING`)
 * - a `return` of such a comparison: what others ask whether something fits
 * The mutant of a guard has `false` for its condition, that of a comparison returns `true`; one that does something beside comparing still does it.
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SyntaxKind } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

const SIZE_COMPARISONS = new Set([
  SyntaxKind.LessThanToken,
  SyntaxKind.LessThanEqualsToken,
  SyntaxKind.GreaterThanToken,
  SyntaxKind.GreaterThanEqualsToken,
]);

/**
 * @param {string} root
 * @param {readonly string[]} files below `root`
 * @returns {readonly { name: string, file: string, start: number, end: number, replacement: string }[]}
 */
export function guardsOf(root, files) {
  const api = new API({ cwd: root });
  try {
    const paths = files.map((file) => join(root, file));
    const snapshot = api.updateSnapshot({ openFiles: paths });
    return files.flatMap((file, index) => {
      const source = snapshot.getDefaultProjectForFile(paths[index])?.program.getSourceFile(paths[index]);
      if (source === undefined) throw new Error(`${file} cannot be parsed`);
      return named(file, conditionsIn(source, readFileSync(paths[index], 'utf8')));
    });
  } finally {
    api.close();
  }
}

function conditionsIn(source, text) {
  const conditions = [];
  const add = (expression, prefix, instead) => {
    const { end } = expression;
    const start = end - text.slice(expression.pos, end).trimStart().length;
    const written = text.slice(start, end).replace(/\s+/g, ' ');
    const doesMore = /\+\+|--|[^=!<>]=[^=>]/.test(written);
    const replacement = doesMore ? `(${written}) && false` : instead;
    conditions.push({ start, end, title: `${prefix}${written}`, replacement });
  };
  const visit = (node) => {
    if (node.kind === SyntaxKind.IfStatement && isGuard(node, text)) add(node.expression, '', 'false');
    if (node.kind === SyntaxKind.ReturnStatement && isComparison(node.expression))
      add(node.expression, 'return ', 'true');
    node.forEachChild(visit);
  };
  visit(source);
  return conditions;
}

/** The same condition may stand in a file several times: the second is `(2)`. */
function named(file, conditions) {
  const seen = new Map();
  return conditions.map(({ start, end, title, replacement }) => {
    const count = (seen.get(title) ?? 0) + 1;
    seen.set(title, count);
    const name = `${basename(file)}: ${title}${count === 1 ? '' : ` (${count})`}`;
    return { name, file, start, end, replacement };
  });
}

/** Of sizes, perhaps with other conditions. */
function isComparison(node) {
  if (node?.kind !== SyntaxKind.BinaryExpression) return false;
  const operator = node.operatorToken.kind;
  const joins = operator === SyntaxKind.AmpersandAmpersandToken;
  return SIZE_COMPARISONS.has(operator) || (joins && (isComparison(node.left) || isComparison(node.right)));
}

function isGuard({ expression, thenStatement }, text) {
  const last = lastOf(thenStatement);
  const written = text.slice(last.pos, last.end).trim();
  if (last.kind === SyntaxKind.ThrowStatement || /^(?:return )?this\.#fail\(/.test(written)) return true;
  if (last.kind === SyntaxKind.BreakStatement) return setsCode(text.slice(thenStatement.pos, thenStatement.end));
  if (last.kind === SyntaxKind.ExpressionStatement) return setsCode(written);
  if (last.kind !== SyntaxKind.ReturnStatement) return false;
  if (/^return [A-Z][A-Z0-9_]+;$/.test(written)) return true;
  const saysNo = /^return(?: (?:undefined|false|null|-?\d+))?;$/.test(written);
  return saysNo && comparesSizes(expression, text);
}

function lastOf(statement) {
  return statement.kind === SyntaxKind.Block ? (statement.statements.at(-1) ?? statement) : statement;
}

function setsCode(written) {
  return /\bstatus = [A-Z][A-Z0-9_]+;/.test(written);
}

function comparesSizes(node, text) {
  if (node.kind === SyntaxKind.BinaryExpression && SIZE_COMPARISONS.has(node.operatorToken.kind)) return true;
  if (node.kind === SyntaxKind.CallExpression && /^(?:this\.#)?fits\b/.test(text.slice(node.pos, node.end).trim()))
    return true;
  let found = false;
  node.forEachChild((child) => {
    found ||= comparesSizes(child, text);
  });
  return found;
}
