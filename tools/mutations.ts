import * as ts from "typescript";

/** One small change of a source text. */
export interface Mutation {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  "===": ["!=="], "!==": ["==="], "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"],
  "&&": ["||"], "||": ["&&"], "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["*"],
};

/** Methods whose call is left out in a mutant. */
const LIST_CALLS = new Set(["filter", "sort", "reverse", "flat", "trim", "trimEnd", "trimStart", "toLowerCase", "toUpperCase"]);
const TWINS: Readonly<Record<string, string>> = { every: "some", some: "every", startsWith: "endsWith", endsWith: "startsWith", min: "max", max: "min", floor: "ceil", ceil: "floor" };

/** Every mutation of a TypeScript file. Types, imports and decorators are not mutated, because the type check covers them. */
export function mutationsOf(source: ts.SourceFile): Mutation[] {
  const found: Mutation[] = [];
  const change = (node: ts.Node, replacement: string): void => {
    found.push({ start: node.getStart(source), end: node.getEnd(), replacement });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) {
      const { left, operatorToken, right } = node;
      for (const other of OPERATORS[operatorToken.getText(source)] ?? []) change(operatorToken, other);
      if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) for (const side of [left, right]) change(node, `(${side.getText(source)})`);
    } else if (ts.isConditionalExpression(node)) {
      for (const side of [node.whenTrue, node.whenFalse]) change(node, `(${side.getText(source)})`);
    } else if (ts.isIfStatement(node) || ts.isWhileStatement(node)) {
      for (const word of ["true", "false"]) change(node.expression, word);
    } else if (ts.isPrefixUnaryExpression(node)) {
      change(node, node.operand.getText(source));
    } else if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) {
      change(node, node.kind === ts.SyntaxKind.TrueKeyword ? "false" : "true");
    } else if (ts.isNumericLiteral(node)) {
      change(node, String(Number(node.text.replace(/_/g, "")) + 1));
    } else if (ts.isRegularExpressionLiteral(node)) {
      regularExpression(node.text).forEach((text) => change(node, text));
    } else if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
      if (!ts.isPropertyName(node) || !ts.isPropertyAssignment(node.parent) || node.parent.name !== node) change(node, node.text === "" ? '"mutant"' : '""');
    } else if (ts.isTemplateExpression(node)) {
      template(node, source, change);
    } else if (ts.isArrayLiteralExpression(node)) {
      for (const element of node.elements) remove(element, node.elements);
    } else if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { name, expression } = node.expression;
      if (LIST_CALLS.has(name.text)) change(node, expression.getText(source));
      if (TWINS[name.text] !== undefined) change(name, TWINS[name.text] ?? "");
    } else if (ts.isExpressionStatement(node)) {
      change(node, ";");
    } else if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node) || ts.isSpreadAssignment(node)) {
      if (ts.isObjectLiteralExpression(node.parent)) remove(node, node.parent.properties);
    }
    ts.forEachChild(node, visit);
  };
  const remove = (node: ts.Node, siblings: ts.NodeArray<ts.Node>): void => {
    const next = siblings[siblings.indexOf(node) + 1];
    const end = next?.getStart(source) ?? (siblings.hasTrailingComma ? siblings.end : node.getEnd());
    found.push({ start: node.getStart(source), end, replacement: "" });
  };
  visit(source);
  return found;
}

/** Mutations of a template string. Each leaves out one value, or one text between the values. */
function template(node: ts.TemplateExpression, source: ts.SourceFile, change: (node: ts.Node, text: string) => void): void {
  const raw = (literal: ts.TemplateLiteralLikeNode): string => literal.rawText ?? literal.text;
  const spans = node.templateSpans.map(({ expression, literal }) => ({ code: `\${${expression.getText(source)}}`, text: raw(literal) }));
  const whole = (head: string, parts: typeof spans): string => `\`${head}${parts.map(({ code, text }) => code + text).join("")}\``;
  if (raw(node.head) !== "") change(node, whole("", spans));
  spans.forEach((span, index) => {
    change(node, whole(raw(node.head), spans.map((other, at) => (at === index ? { ...other, code: "" } : other))));
    if (span.text !== "") change(node, whole(raw(node.head), spans.map((other, at) => (at === index ? { ...other, text: "" } : other))));
  });
}

function regularExpression(text: string): string[] {
  const changes: (readonly [RegExp, string])[] = [
    [/^\/\^/, "/"], [/\$(\/[a-z]*)$/, "$1"], [/\{(\d+),(\d+)\}/, "{$1,999}"], [/\{(\d+),(\d+)\}/, "{0,$2}"], [/([\])])\*/, "$1+"], [/([\])])\+/, "$1*"],
    [/\[\^/, "["], [/\[(?!\^)/, "[^"], [/\|[^|()]+\)/, ")"], [/(?<=\/[a-z]*)i([a-z]*)$/, "$1"],
  ];
  return [...new Set(changes.map(([from, to]) => text.replace(from, to)))].filter((changed) => changed !== text);
}

const SHELL: readonly (readonly [RegExp, string])[] = [
  [/ == /g, " != "], [/ != /g, " == "], [/ = /g, " != "], [/ -eq /g, " -ne "], [/ -ne /g, " -eq "], [/ -lt /g, " -le "], [/ -gt /g, " -ge "],
  [/ -le /g, " -lt "], [/ -ge /g, " -gt "], [/ && /g, " || "], [/ \|\| /g, " && "], [/ -n /g, " -z "], [/ -z /g, " -n "], [/ < /g, " <= "], [/ > /g, " >= "],
  [/\breturn 0\b/g, "return 1"], [/\breturn 1\b/g, "return 0"], [/\bexit 0\b/g, "exit 1"], [/\bexit 1\b/g, "exit 0"], [/\+ 1\b/g, "+ 2"],
  [/\bnext\b/g, ""], [/!(?=[a-z(])/g, ""], [/\$(\d)/g, "$$9"],
];

/** Every mutation of a shell or awk text. Comments are not mutated. */
export function shellMutationsOf(text: string): Mutation[] {
  return SHELL.flatMap(([from, to]) =>
    [...text.matchAll(from)]
      .filter(({ index }) => !/^\s*#/.test(text.slice(text.lastIndexOf("\n", index) + 1, index)))
      .map((match) => ({ start: match.index, end: match.index + match[0].length, replacement: match[0].replace(new RegExp(from.source), to) })),
  );
}
