import { ReviewModel } from "./model";
import { Arrow, Box, Drawn, traffic } from "./traffic";

/** The traffic as a Mermaid flowchart. Each box is one line, so that a changed prop changes one line. */
export function trafficPicture(model: ReviewModel): string {
  return ["flowchart LR", ...traffic(model).flatMap(lines)].map((line) => `${line}\n`).join("");
}

function lines(drawn: Drawn): readonly string[] {
  switch (drawn.kind) {
    case "frame":
      return [`  subgraph ${drawn.id}["${drawn.title}"]`, ...drawn.boxes.map((one) => `  ${box(one)}`), "  end"];
    case "traffic":
    case "preferred":
    case "standby":
      return [arrow(drawn)];
    default:
      return [box(drawn)];
  }
}

const SHAPES = { clients: ["(", ")"], address: ["([", "])"], server: ["[", "]"] } as const;

function box({ kind, id, lines: text }: Box): string {
  const [open, close] = SHAPES[kind];
  return `  ${id}${open}${quoted(text.join("<br/>"))}${close}`;
}

const ARROWS = { traffic: "-->", preferred: "==>", standby: "-.->" } as const;

function arrow({ kind, from, to, label }: Arrow): string {
  return `  ${from} ${ARROWS[kind]}${label === undefined ? "" : `|${quoted(label)}|`} ${to}`;
}

/** Quotes a text for Mermaid, and escapes what Mermaid would interpret: entities, `#`, quotes and `%%{…}%%`. `<br/>` stays a line break. */
function quoted(text: string): string {
  const escaped = text.split("<br/>").map((line) => line.replace(/&/g, "&amp;").replace(/#/g, "#35;").replace(/%/g, "#37;").replace(/"/g, "#quot;").replace(/</g, "&lt;").replace(/>/g, "&gt;"));
  return `"${escaped.join("<br/>")}"`;
}
