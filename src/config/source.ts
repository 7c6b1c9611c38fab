/** The text of one file: read as YAML, variables put in, and every value's place in the file known. */
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Alias, Document, Node, Pair } from 'yaml';
import type { Finding, Path, Position } from './mistakes.ts';
import { type Outside, substitute } from './substitute.ts';

export const maxBytes = 1024 * 1024;
const maxDepth = 40;
const maxAliases = 100;
const maxSyntaxFindings = 20;

/**
 * Where a value comes from: this file, or a variable or another file. `unset`: one that is missing, so nothing can be
 * said about the value. `undefined`: no value.
 */
export type Origin = 'file' | 'outside' | 'unset' | undefined;

export interface Source {
  /** Plain data, as JSON has it; `undefined` if the text could not be read. */
  value: unknown;
  findings: Finding[];
  /** A key's place for sections, lists and what is missing; a value's place for values. */
  position(path: Path): Position;
  origin(path: Path): Origin;
}

/** Never throws: what is wrong is among the findings. */
export function readSource(text: string, outside: Outside): Source {
  if (Buffer.byteLength(text) > maxBytes) return unreadable([{ path: [], message: 'is larger than 1 MiB' }]);
  const lines = new LineCounter();
  const document = parse(text, lines);
  const syntax = syntaxFindings(document, lines);
  if (document.errors.some((error) => error.code !== 'DUPLICATE_KEY')) return unreadable(syntax);
  const structure = structureFindings(document, lines);
  if (structure.length > 0) return unreadable([...syntax, ...structure]);

  const variables = putInVariables(document, outside, lines);
  return {
    value: document.toJS({ maxAliasCount: maxAliases }),
    findings: [...syntax, ...variables.findings],
    position: (path) => at(lines, place(document, path)),
    origin: (path) => {
      const node = find(document, path)?.value;
      return isScalar(node) ? (variables.origins.get(node) ?? 'file') : undefined;
    },
  };
}

function unreadable(findings: Finding[]): Source {
  return { value: undefined, findings, position: () => ({ line: 1, column: 1 }), origin: () => undefined };
}

// YAML 1.2 core only: no merge keys, no tags, no `yes` for true. `prettyErrors` would quote the file, secrets included.
function parse(text: string, lineCounter: LineCounter): Document.Parsed {
  return parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    stringKeys: true,
    resolveKnownTags: false,
    merge: false,
    logLevel: 'error',
  });
}

function syntaxFindings(document: Document.Parsed, lines: LineCounter): Finding[] {
  const findings = new Map<number, Finding>();
  if (document.directives?.yaml.explicit && document.directives.yaml.version !== '1.2')
    findings.set(1, { path: [], position: { line: 1, column: 1 }, message: 'only YAML 1.2 is read' });
  for (const error of [...document.errors, ...document.warnings]) {
    const position = at(lines, error.pos[0]);
    // Where one thing is wrong in a line, the parser finds others that are not.
    if (findings.has(position.line) || findings.size >= maxSyntaxFindings) continue;
    findings.set(position.line, { path: [], position, ...syntaxMessage(error.code, error.message) });
  }
  return [...findings.values()];
}

function syntaxMessage(code: string, message: string): { message: string; hint?: string } {
  if (code === 'DUPLICATE_KEY') return { message: 'this key is written twice', hint: 'keep one of the two' };
  if (code === 'RESOURCE_EXHAUSTION') return { message: 'is nested too deeply' };
  if (code === 'MULTIPLE_DOCS') return { message: 'a second document begins here', hint: 'one file, one document' };
  // What follows a colon quotes the file.
  return { message: `is not valid YAML: ${message.replace(/(?<=\w): .*$/s, '')}` };
}

/** What YAML allows and plain data cannot be, or what would make a small file into a huge value. */
function structureFindings(document: Document.Parsed, lines: LineCounter): Finding[] {
  const findings: Finding[] = [];
  const report = (node: Node, message: string): symbol => {
    findings.push({ path: [], position: at(lines, node.range?.[0] ?? 0), message });
    return visit.BREAK;
  };
  const tooManyAliases = 'the aliases of this file repeat too much';
  let firstAlias: Alias | undefined;
  let aliases = 0;
  visit(document, {
    Node: (_key, node, ancestors) => {
      if (ancestors.length > maxDepth * 2) return report(node, 'is nested too deeply');
      if (!isAlias(node)) return undefined;
      firstAlias ??= node;
      if (++aliases > maxAliases) return report(node, tooManyAliases);
      const target = node.resolve(document);
      if (target === undefined) return report(node, 'refers to an anchor that is not there');
      return ancestors.includes(target) ? report(node, 'refers to itself') : undefined;
    },
  });
  if (findings.length > 0 || firstAlias === undefined) return findings;
  try {
    document.toJS({ maxAliasCount: maxAliases });
  } catch {
    report(firstAlias, tooManyAliases);
  }
  return findings;
}

function putInVariables(document: Document.Parsed, outside: Outside, lines: LineCounter) {
  const findings: Finding[] = [];
  const origins = new Map<Node, 'outside' | 'unset'>();
  visit(document, {
    Scalar: (key, node, ancestors) => {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return;
      const result = substitute(node.value, outside);
      if ('problem' in result) {
        origins.set(node, 'unset');
        const position = at(lines, node.range?.[0] ?? 0);
        findings.push({ path: pathOf(node, ancestors), position, message: result.problem, hint: result.hint });
        return;
      }
      node.value = result.text;
      if (result.fromOutside) origins.set(node, 'outside');
    },
  });
  return { findings, origins };
}

function pathOf(node: Node, ancestors: readonly (Document | Node | Pair)[]): Path {
  const nodes = [...ancestors, node];
  return nodes.flatMap((parent, depth): Path => {
    if (isPair(parent)) return isScalar(parent.key) ? [String(parent.key.value)] : [];
    return isSeq(parent) ? [parent.items.indexOf(nodes[depth + 1])] : [];
  });
}

function at(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** Offset of what is nearest to a path. */
function place(document: Document.Parsed, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const found = find(document, path.slice(0, length));
    if (found === undefined) continue;
    const plain = isScalar(found.value) && found.value.source !== '';
    return (plain ? found.value : found.key)?.range?.[0] ?? found.value?.range?.[0] ?? 0;
  }
  return document.contents?.range[0] ?? 0;
}

function find(document: Document.Parsed, path: Path): { key: Node | undefined; value: Node | undefined } | undefined {
  let key: Node | undefined;
  let value: Node | undefined = document.contents ?? undefined;
  for (const segment of path) {
    const parent: Node | undefined = isAlias(value) ? value.resolve(document) : value;
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(segment));
      if (pair === undefined) return undefined;
      key = pair.key as Node;
      value = (pair.value ?? undefined) as Node | undefined;
    } else if (isSeq(parent)) {
      key = undefined;
      value = parent.items[Number(segment)] as Node | undefined;
      if (value === undefined) return undefined;
    } else return undefined;
  }
  return { key, value: isAlias(value) ? value.resolve(document) : value };
}
