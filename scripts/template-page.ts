import { functionMap, sprigFunctions, type TemplateFunction } from "#gotemplate";
import { helmFunctions } from "../src/chart/helm-functions.ts";
import { helmReference } from "../src/chart/reference.ts";
import { functionReference } from "../src/gotemplate/reference.ts";

const HEAD = `# Template functions

Made from the function tables by \`npm run docs\`; each example is run by a test. Charts see Go's text/template, Sprig 3.3 and
Helm's own functions with Helm 3.22's results; nothing differs on purpose. \`env\` and \`expandenv\` are known in werf.yaml and
name templates only, as in Helm. \`lookup\` sees the
cluster in \`deploy\`, which renders until it has seen every answer; elsewhere it answers empty.
`;

/** docs/templates.md: every function with its signature and one example. */
export function templatePage(): string {
  const helm = functionMap(...helmFunctions({ lint: false, lookup: undefined, resolveHost: undefined }));
  const all = new Map([...sprigFunctions({ env: {} }), ...helm]);
  const lines = [HEAD, "## Helm", "", ...TABLE];
  for (const [name, [summary, example, result]] of Object.entries(helmReference)) {
    lines.push(row(name, all.get(name), summary, example, result));
  }
  for (const [theme, entries] of functionReference()) {
    lines.push("", `## ${theme}`, "", ...TABLE);
    for (const { name, summary, example, result } of entries) {
      lines.push(
        row(
          name,
          all.get(name),
          summary,
          example,
          result instanceof RegExp ? `such as ${result.source}` : result,
        ),
      );
    }
  }
  return `${lines.join("\n")}\n`;
}

const TABLE = [
  "| function | Go signature | what it gives | example | result |",
  "| --- | --- | --- | --- | --- |",
];

function row(
  name: string,
  one: TemplateFunction | undefined,
  summary: string,
  example: string,
  result: string,
): string {
  const cells = [
    `\`${name}\``,
    one === undefined ? "built in" : `\`${signature(one)}\``,
    summary,
    code(example),
    code(result),
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function code(text: string): string {
  if (text === "") return "(empty)";
  const shown = text.replaceAll("\n", "⏎");
  return shown.includes("`") ? `\`\` ${shown} \`\`` : `\`${shown}\``;
}

function signature({ params, variadic, result }: TemplateFunction): string {
  const list = params.map((type) => type.text);
  if (variadic !== undefined) list.push(`...${variadic.text}`);
  return `func(${list.join(", ")}) ${result.text}`;
}
