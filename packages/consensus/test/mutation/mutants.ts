import { parseSync } from 'oxc-parser';

/** One small change of a source file that a test should notice. */
export interface Mutant {
  readonly file: string;
  /** Line number, for people; lists name a mutant by its line's text. */
  readonly line: number;
  /** The trimmed line that it begins on. */
  readonly text: string;
  /** `<` → `<=`, shortened. */
  readonly change: string;
  /** Which of several equal changes on equal lines of the file, from 1. */
  readonly nth: number;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** A node of the syntax tree, as far as it is looked at. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** Operators, and what stands for operators here: arithmetic in fixed point is function calls, its constants are names. */
const OPERATORS: { readonly [operator: string]: readonly string[] } = {
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '**': ['*'],
  '<<': ['>>'],
  '>>': ['<<'],
  '&': ['|'],
  '|': ['&'],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '&&': ['||'],
  '||': ['&&'],
  '+=': ['-='],
  '-=': ['+='],
  '<<=': ['>>='],
  '>>=': ['<<='],
  '|=': ['&='],
  '&=': ['|='],
};
const NAMES: { readonly [name: string]: string } = {
  add: 'subtract',
  subtract: 'add',
  multiply: 'divide',
  divide: 'multiply',
  minimum: 'maximum',
  maximum: 'minimum',
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
  every: 'some',
  some: 'every',
  ZERO: 'ONE',
  ONE: 'ZERO',
  HALF: 'ONE',
};
/** Those of them that `fixed.ts` exports. */
const FIXED_NAMES = new Set(['add', 'subtract', 'multiply', 'divide', 'minimum', 'maximum', 'ZERO', 'ONE', 'HALF']);
/** Calls of which the receiver alone has the same type. */
const REMOVABLE_CALLS = new Set(['filter', 'toSorted', 'slice']);

/** The source text with the change in it; a name that stands for an operator is imported where the file has not needed it. */
export function applyMutant(source: string, mutant: Mutant): string {
  const changed = source.slice(0, mutant.start) + mutant.replacement + source.slice(mutant.end);
  if (!FIXED_NAMES.has(mutant.replacement)) return changed;
  const isBound = new RegExp(`\\b${mutant.replacement}\\b`).test(source);
  return isBound ? changed : `${changed}\nimport { ${mutant.replacement} } from './fixed.ts';\n`;
}

/** Every mutant of a source text, in the order of the text. */
export function mutantsOf(file: string, source: string): Mutant[] {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0]?.message ?? ''}`);
  const edits: Edit[] = [];
  visit(program as unknown as Node, source, edits);
  const seen = new Map<string, number>();
  return edits
    .toSorted((a, b) => a.start - b.start || a.end - b.end)
    .map((edit) => {
      const before = source.slice(0, edit.start);
      const text = lineAt(source, edit.start);
      const change = `${short(source.slice(edit.start, edit.end))} → ${short(edit.replacement)}`;
      const nth = (seen.get(`${text}\n${change}`) ?? 0) + 1;
      seen.set(`${text}\n${change}`, nth);
      return { file, line: before.split('\n').length, text, change, nth, ...edit };
    });
}

function lineAt(source: string, position: number): string {
  const end = source.indexOf('\n', position);
  return source.slice(source.lastIndexOf('\n', position - 1) + 1, end < 0 ? undefined : end).trim();
}

function short(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ');
  if (flat === '') return 'nothing';
  return flat.length > 60 ? `${flat.slice(0, 57)}…` : flat;
}

/** What holds types or names only. */
const SKIPPED_KEYS = new Set(['typeAnnotation', 'returnType', 'typeParameters', 'typeArguments', 'superTypeArguments']);
const TYPED_EXPRESSIONS = new Set(['TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression']);

function visit(node: Node, source: string, edits: Edit[]): void {
  if (node.type.startsWith('TS') && !TYPED_EXPRESSIONS.has(node.type)) return;
  if (node.type === 'ImportDeclaration') return;
  edits.push(...editsOf(node, source));
  for (const [key, value] of Object.entries(node)) {
    if (SKIPPED_KEYS.has(key)) continue;
    if (isPlainKey(node, key)) continue;
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, source, edits);
  }
}

/** Names that are declared, and names of members in an object, are no expressions. */
function isPlainKey(node: Node, key: string): boolean {
  if (key === 'id' || key === 'params') return true;
  return node.type === 'Property' && key === 'key' && node['computed'] !== true;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

function editsOf(node: Node, source: string): Edit[] {
  const whole = (replacement: string): Edit => ({ start: node.start, end: node.end, replacement });
  const text = (part: unknown): string => (isNode(part) ? source.slice(part.start, part.end) : '');
  switch (node.type) {
    case 'BinaryExpression':
    case 'AssignmentExpression':
      return operatorEdits(node, source);
    case 'LogicalExpression':
      return node['operator'] === '??' ? [whole(`(${text(node['right'])})`)] : operatorEdits(node, source);
    case 'UnaryExpression':
      return node['operator'] === '-' || node['operator'] === '!' ? [whole(`(${text(node['argument'])})`)] : [];
    case 'IfStatement':
    case 'ConditionalExpression':
      return conditionEdits(node['test'], ['true', 'false']);
    case 'WhileStatement':
    case 'ForStatement':
      return conditionEdits(node['test'], ['false']);
    case 'Literal':
      return literalEdits(node, whole);
    case 'Identifier': {
      const other = NAMES[String(node['name'])];
      return other === undefined ? [] : [whole(other)];
    }
    case 'ExpressionStatement':
      return [whole(';')];
    case 'CallExpression':
      return callEdits(node, whole, text);
    default:
      return [];
  }
}

function operatorEdits(node: Node, source: string): Edit[] {
  const { left, right, operator } = node as unknown as { left: Node; right: Node; operator: string };
  const start = source.indexOf(operator, left.end);
  if (start < 0 || start >= right.start) return [];
  return (OPERATORS[operator] ?? []).map((replacement) => ({ start, end: start + operator.length, replacement }));
}

function conditionEdits(test: unknown, outcomes: readonly string[]): Edit[] {
  return isNode(test) ? outcomes.map((replacement) => ({ start: test.start, end: test.end, replacement })) : [];
}

function literalEdits(node: Node, whole: (replacement: string) => Edit): Edit[] {
  if (typeof node['value'] === 'boolean') return [whole(String(!node['value']))];
  const raw = String(node['raw']).replaceAll('_', '');
  if (!/^(0x)?[0-9a-f]+n?$/i.test(raw)) return [];
  const suffix = raw.endsWith('n') ? 'n' : '';
  const value = BigInt(suffix === '' ? raw : raw.slice(0, -1));
  return (value === 0n ? [1n] : [value + 1n, value - 1n]).map((changed) => whole(`${changed}${suffix}`));
}

function callEdits(node: Node, whole: (replacement: string) => Edit, text: (part: unknown) => string): Edit[] {
  const callee = node['callee'];
  if (!isNode(callee) || callee.type !== 'MemberExpression') return [];
  return REMOVABLE_CALLS.has(text(callee['property'])) ? [whole(text(callee['object']))] : [];
}
