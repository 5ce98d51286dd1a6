// parse.mjs FILE ...: has Mermaid itself read each file's pictures, and prints a line of JSON for each: its kind, nodes and edges.
import { readFileSync } from "node:fs";
import { argv, stdout } from "node:process";
import { JSDOM } from "jsdom";

// Mermaid wants a page around it before it is loaded.
const { window } = new JSDOM("");
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import("mermaid");

for (const file of argv.slice(2)) {
  for (const [, text] of readFileSync(file, "utf8").matchAll(/^```mermaid\n([^]*?)^```$/gm)) {
    // This one also loads the kinds of pictures that there are.
    await mermaid.parse(text);
    const { type, db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    const labels = [...db.getVertices().values()].map((vertex) => vertex.text);
    stdout.write(`${JSON.stringify({ file, type, labels, edges: db.getEdges().length, groups: db.getSubGraphs().length })}\n`);
  }
}
