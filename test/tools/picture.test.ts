import type { ReviewModel } from "../../lib/review/model";
import { trafficSvg } from "../../tools/picture/svg";

const SIGNS = '<i>&amp;"\\N\\l"]; -->';
const MODEL: ReviewModel = {
  path: "site/Mail",
  mode: "sslBridge",
  clientNames: [SIGNS],
  groups: [{ name: "EMAIL_VIP1", routerId: 233, ipv4: ["10.12.8.15"], ipv6: [], holder: "Master" }],
  nodes: ["Master", "Backup"].map((role) => ({ role, host: role, system: "Debian 12", sshPort: 22 })),
  members: Array.from({ length: 16 }, (_, index) => ({ name: `exch${index + 1}`, host: SIGNS, weight: 1, state: "ready" })),
  services: [{ name: "HTTPS", port: 443, memberPort: 444, closed: [] }, { name: "smtp", port: 25, memberPort: 2525, closed: [] }],
  nameServers: [],
  certificates: [],
  warnings: [],
};

/** The lines of text that the SVG shows. */
const texts = (svg: string): readonly string[] => [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text = ""]) =>
  text.replace(/&#160;/g, " ").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"').replace(/&#45;/g, "-").replace(/&amp;/g, "&").trim());

test("the SVG shows each member, address and service once, whatever characters the names contain", async () => {
  const shown = texts(await trafficSvg(MODEL));
  for (const { name } of MODEL.members) expect(shown.filter((text) => text === name)).toHaveLength(1);
  expect(shown.filter((text) => text === SIGNS)).toHaveLength(1 + MODEL.members.length);
  expect(shown).toEqual(expect.arrayContaining(["HTTPS 443", "HTTPS 444", "smtp 25", "smtp 2525", "10.12.8.15", "balancers", "Exchange DAG"]));
});

test("trafficSvg() gives the same bytes for the same model", async () => {
  expect(await trafficSvg(MODEL)).toBe(await trafficSvg(MODEL));
});
