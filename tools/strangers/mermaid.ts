import { cpSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { trafficPicture } from "../../lib/review/mermaid";
import { ReviewModel } from "../../lib/review/model";
import { cached } from "../../test/lab/cache";
import { must } from "../../test/lab/run";
import { consumer } from "./consumer";
import { examples } from "./examples";
import { Package, Stranger } from "./stranger";

/** The newest release of Mermaid that Node 20 can load. */
const MERMAID = "11.17.2";
/** The release of jsdom. Mermaid needs a browser page, and jsdom simulates this page. */
const JSDOM = "26.1.0";

interface Picture {
  readonly file: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly edges: number;
  readonly groups: number;
}

/** A stranger who opens the REVIEW.md of each example on a web page. Mermaid draws the picture on this page. */
export function reader(made: Package): Stranger {
  return {
    who: "each example's REVIEW.md, read by Mermaid",
    attempt: async (empty) => {
      const folder = await cached("mermaid", { MERMAID, JSDOM, parse: readFileSync(PARSE, "utf8") }, async (into) => {
        await must(["npm", "install", "--prefix", into, "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts", `mermaid@${MERMAID}`, `jsdom@${JSDOM}`]);
        cpSync(PARSE, join(into, "parse.mjs"));
      });
      const visit = await consumer(empty, made);
      const files: string[] = [];
      for (const example of examples()) {
        writeFileSync(join(visit.folder, "cdktf.json"), JSON.stringify({ language: "typescript", app: `node --import tsx examples/${example}/main.ts`, projectId: "p", sendCrashReports: "false" }));
        const out = join("review", example);
        await visit.line(`node node_modules/${made.name}/dist/command/main.js show --out ${out}`);
        files.push(...readdirSync(join(visit.folder, out)).map((stack) => join(visit.folder, out, stack, "REVIEW.md")));
      }
      const strange = join(visit.folder, "strange.md");
      writeFileSync(strange, `\`\`\`mermaid\n${trafficPicture(STRANGE)}\`\`\`\n`);
      const said = await visit.line(`node ${join(folder, "parse.mjs")} ${[...files, strange].join(" ")}`);
      const pictures = said.trim().split("\n").map((line) => JSON.parse(line) as Picture);
      for (const file of [...files, strange]) if (!pictures.some((picture) => picture.file === file)) throw new Error(`${file} has no picture`);
      for (const { file, type, labels, edges, groups } of pictures) {
        if (type !== "flowchart-v2" || labels.length < 4 || labels.length > 60 || edges < 2 || groups !== 2) throw new Error(`${file}: a ${type} of ${labels.length} nodes, ${edges} edges and ${groups} groups`);
      }
      // A name is a label, whatever signs it has: no node and no edge more, and nothing that Mermaid took for its own.
      const [odd] = pictures.slice(-1);
      const whole = odd?.labels.filter((label) => read(label).includes(SIGNS)).length ?? 0;
      if (odd?.labels.length !== 9 || odd.edges !== 6 || whole !== 5) throw new Error(`names with signs of Mermaid's: ${odd?.labels.length} nodes, ${odd?.edges} edges, ${whole} whole: ${odd?.labels.join(" | ")}`);
      return `${pictures.length} pictures of at most ${Math.max(...pictures.map(({ labels }) => labels.length))} nodes, mermaid ${MERMAID}`;
    },
  };
}

const PARSE = join(__dirname, "mermaid", "parse.mjs");

/**
 * Decodes a label as Mermaid does when it draws the label. Until then, Mermaid stores entities such as `#quot;` in a
 * special form.
 */
function read(label: string): string {
  return label.replace(/\u{FB02}\u{B0}\u{B0}(\d+)\u{B6}\u{DF}/gu, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/\u{FB02}\u{B0}quot\u{B6}\u{DF}/gu, '"').replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

const SIGNS = 'a"] --> b["<i>#quot;&%%{init: {}}%% `end` subgraph x; click';

/** A review model with names that no prop accepts today, and that would be Mermaid code if they were not escaped. */
const STRANGE: ReviewModel = {
  path: "site/Mail",
  mode: "sslBridge",
  clientNames: [SIGNS],
  groups: [{ name: "EMAIL_VIP1", routerId: 233, ipv4: ["10.12.8.15"], ipv6: [], holder: "end" }],
  nodes: [SIGNS, "end"].map((role) => ({ role, host: SIGNS, system: SIGNS, sshPort: 22 })),
  members: ["a.b", "a-b"].map((name) => ({ name, host: SIGNS, weight: 1, state: "ready" })),
  services: [SIGNS, "end"].map((name) => ({ name, port: 25, memberPort: 25, closed: [] })),
  nameServers: [],
  certificates: [],
  warnings: [],
};
