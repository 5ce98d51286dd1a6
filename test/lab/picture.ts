import { ROWS } from "../../tools/monitoring/panels";
import type { Prometheus } from "./prometheus";

/** The most useful panels of the dashboard. The picture has two of them in each row. */
const TITLES = [
  "Virtual address held", "Protocols that a member is down for", "Requests by directory", "New sessions by protocol", "Answers by status", "Sessions by member",
];

const WIDTH = 940;
const PANEL = { width: 455, height: 190, gap: 14, top: 34, left: 46, legend: 40 };
const COLOURS = ["#1f5f8b", "#9a3b26", "#2e7d4f", "#8a6d1b", "#6b4a8c", "#3c8c8c", "#b0588a", "#6d6d6d", "#4f6fd0", "#c07a2b"];

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Draws panels of the dashboard as SVG, with Prometheus's data of the last `seconds`. */
export async function draw(prometheus: Prometheus, seconds: number): Promise<string> {
  const end = Math.floor(Date.now() / 1000);
  const plans = ROWS.flatMap(({ panels }) => panels);
  const drawn = await Promise.all(
    TITLES.map(async (title, index) => {
      const plan = plans.find((one) => one.title === title);
      if (plan === undefined) throw new Error(`The dashboard has no panel "${title}".`);
      const answers = await Promise.all(
        plan.targets.map(async ({ expr, legend }) => {
          const asked = expr.replaceAll("$job", ".+").replaceAll("$instance", ".+").replaceAll("$__rate_interval", "40s");
          return (await prometheus.range(asked, seconds, 5)).map(({ labels, points }) => ({
            name: legend.replace(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? ""),
            points: points.filter(([, value]) => Number.isFinite(value)),
          }));
        }),
      );
      // A picture need not show states that are always 0.
      const series = answers.flat().filter(({ points }) => title !== "Protocols that a member is down for" || points.some(([, value]) => value > 0));
      const [x0, y0] = [10 + (index % 2) * (PANEL.width + PANEL.gap), 40 + Math.floor(index / 2) * (PANEL.height + PANEL.legend + PANEL.gap)];
      const most = Math.max(1e-9, ...series.flatMap(({ points }) => points.map(([, value]) => value)));
      const top = plan.values === undefined ? most : 1;
      const x = (at: number): number => x0 + PANEL.left + ((at - (end - seconds)) / seconds) * (PANEL.width - PANEL.left - 10);
      const y = (value: number): number => y0 + PANEL.top + (1 - value / top) * (PANEL.height - PANEL.top - 22);
      const lines = series.slice(0, COLOURS.length).flatMap(({ name, points }, at) => {
        const colour = COLOURS[at] ?? "";
        const stepped = plan.values !== undefined;
        const path = points.map(([time, value], step) => {
          const [px, py] = [x(time).toFixed(1), y(value).toFixed(1)];
          return step === 0 ? `M${px},${py}` : stepped ? `H${px}V${py}` : `L${px},${py}`;
        });
        const [lx, ly] = [x0 + PANEL.left + (at % 3) * 138, y0 + PANEL.height + 4 + Math.floor(at / 3) * 13];
        return [
          `<path d="${path.join("")}" fill="none" stroke="${colour}" stroke-width="1.6"/>`,
          `<rect x="${lx}" y="${ly - 7}" width="9" height="7" fill="${colour}"/><text x="${lx + 13}" y="${ly}" font-size="10">${escape(name.replace(/be_exch2019_|:9101/g, ""))}</text>`,
        ];
      });
      const words: Readonly<Record<string, { readonly text: string } | undefined>> = plan.values ?? {};
      const word = (value: number): string => words[value]?.text ?? (value === 0 ? "0" : value.toPrecision(2));
      return [
        `<rect x="${x0}" y="${y0}" width="${PANEL.width}" height="${PANEL.height + PANEL.legend}" fill="#fff" stroke="#ddd"/>`,
        `<text x="${x0 + 10}" y="${y0 + 20}" font-weight="bold">${escape(title)}</text>`,
        ...[0, top].map((value) => `<line x1="${x0 + PANEL.left}" x2="${x0 + PANEL.width - 10}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}" stroke="#e4e4e4"/><text x="${x0 + PANEL.left - 5}" y="${(y(value) + 4).toFixed(1)}" font-size="10" text-anchor="end">${word(value)}</text>`),
        `<text x="${x0 + PANEL.left}" y="${y0 + PANEL.height - 8}" font-size="10" fill="#777">-${Math.round(seconds / 60)} min</text><text x="${x0 + PANEL.width - 10}" y="${y0 + PANEL.height - 8}" font-size="10" fill="#777" text-anchor="end">now</text>`,
        ...lines,
      ].join("\n");
    }),
  );
  const height = 40 + Math.ceil(TITLES.length / 2) * (PANEL.height + PANEL.legend + PANEL.gap) + 20;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="#222">`,
    `<rect width="${WIDTH}" height="${height}" fill="#f7f7f8"/>`,
    '<text x="10" y="26" font-size="15" font-weight="bold">Exchange balancers, in the lab</text>',
    ...drawn,
    `<text x="10" y="${height - 8}" font-size="10" fill="#666">Real data of the lab's Prometheus, drawn from the dashboard's own queries; Grafana draws them otherwise.</text>`,
    "</svg>",
    "",
  ].join("\n");
}
