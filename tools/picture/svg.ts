import { instance } from "@viz-js/viz";
import { ReviewModel } from "../../lib/review/model";
import { Arrow, Box, Drawn, traffic } from "../../lib/review/traffic";

/**
 * Draws the traffic picture of lib/review/mermaid.ts as an SVG, for pages that do not draw Mermaid, such as those of npm
 * and PyPI. Graphviz computes the layout with its own font metrics, so the result is the same on every machine.
 */
export async function trafficSvg(model: ReviewModel): Promise<string> {
  const drawn = traffic(model);
  const frames = drawn.flatMap((one) => (one.kind === "frame" ? [one] : []));
  /**
   * The end of an arrow from or to the box or frame `id`. Graphviz draws arrows only between boxes. So an arrow to a
   * frame leads to a box in this frame, and Graphviz cuts the arrow at the frame's border.
   */
  const end = (id: string): { readonly box: string; readonly frame?: string } => {
    const frame = frames.find((one) => one.id === id);
    return frame === undefined ? { box: id } : { box: frame.boxes[Math.floor((frame.boxes.length - 1) / 2)]?.id ?? id, frame: `cluster_${id}` };
  };
  const viz = await instance();
  const svg = viz.renderString({
    directed: true,
    graphAttributes: { rankdir: "LR", compound: true, bgcolor: "white", fontname: FONT, fontsize: 12, nodesep: 0.25, ranksep: 0.6, pad: 0.2 },
    nodeAttributes: { fontname: FONT, fontsize: 12, shape: "box", style: "filled", fillcolor: "#f4f4f4", color: "#777777", margin: "0.2,0.08" },
    edgeAttributes: { fontname: FONT, fontsize: 11, color: "#444444", arrowsize: 0.7 },
    nodes: drawn.flatMap((one) => (isBox(one) ? [node(one)] : [])),
    subgraphs: frames.map(({ id, title, boxes }) => ({
      name: `cluster_${id}`,
      graphAttributes: { label: title, color: "#999999", style: "rounded", margin: 14 },
      nodes: boxes.map(node),
    })),
    edges: arrows(drawn).flatMap(({ kind, labels, from, to }) => {
      const [tail, head] = [end(from), end(to)];
      // Invisible arrows between all boxes keep two frames at one height, with their boxes in order.
      const all = (id: string): readonly string[] => frames.find((one) => one.id === id)?.boxes.map((box) => box.id) ?? [id];
      const even = tail.frame === undefined || head.frame === undefined ? [] : all(from).flatMap((one) => all(to).map((other) => ({ tail: one, head: other, attributes: { style: "invis" } })));
      return [...(even.length > 1 ? even : []), {
        tail: tail.box,
        head: head.box,
        attributes: {
          ...(tail.frame === undefined ? {} : { ltail: tail.frame }),
          ...(head.frame === undefined ? {} : { lhead: head.frame }),
          ...(labels.length === 0 ? {} : { label: escaped(labels.map((label) => `  ${label}  `).join("\n")) }),
          ...LINES[kind],
        },
      }];
    }),
  }, { format: "svg" });
  return svg.replace(/<!--[^]*?-->\n?/g, "");
}

const FONT = "Helvetica,Arial,sans-serif";
const LINES = { traffic: {}, preferred: { penwidth: 2.2 }, standby: { style: "dashed" } } as const;
const FILLS = { clients: { fillcolor: "#fff6e0", style: "filled,rounded" }, address: { fillcolor: "#e0f0ff", style: "filled,rounded" }, server: {} } as const;

function isBox(one: Drawn): one is Box {
  return one.kind === "clients" || one.kind === "address" || one.kind === "server";
}

function node({ kind, id, lines }: Box): { name: string; attributes: Record<string, string> } {
  return { name: id, attributes: { label: escaped(lines.join("\n")), ...FILLS[kind] } };
}

interface Arrows extends Pick<Arrow, "kind" | "from" | "to"> {
  readonly labels: readonly string[];
}

/**
 * Combines arrows of the same kind between the same two boxes into one arrow. The label of this arrow has one line for
 * each combined arrow.
 */
function arrows(drawn: readonly Drawn[]): readonly Arrows[] {
  const all = new Map<string, Arrows>();
  for (const one of drawn) {
    if (isBox(one) || one.kind === "frame") continue;
    const { kind, from, to, label } = one;
    const key = [kind, from, to].join();
    all.set(key, { kind, from, to, labels: [...(all.get(key)?.labels ?? []), ...(label === undefined ? [] : [label])] });
  }
  return [...all.values()];
}

/** Escapes a text for a Graphviz label, where a backslash begins an escape and `&` an entity. */
function escaped(text: string): string {
  return text.replace(/\\/g, "\\\\").replace(/&/g, "&amp;");
}
