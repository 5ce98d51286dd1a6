import { FAULTS } from "./faults";
import { PROFILES } from "./profiles";
import type { Results } from "./table";
import { spread } from "../statistics";

const WIDTH = 860;
const LEFT = 250;
const RIGHT = 40;
const ROW = 66;
const TOP = 60;
/** The range of the logarithmic time axis, in seconds. */
const [FROM, TO] = [0.01, 10];
const COLOURS = ["#9a3b26", "#1f5f8b", "#2e7d4f"];

/** Each run as a dot and each median as a bar, on a logarithmic axis, as SVG. */
export function plot(results: Results, caption: string): string {
  const x = (seconds: number): number =>
    LEFT + (Math.log10(Math.min(Math.max(seconds, FROM), TO) / FROM) / Math.log10(TO / FROM)) * (WIDTH - LEFT - RIGHT);
  const height = TOP + FAULTS.length * ROW + 50;
  const bottom = TOP + FAULTS.length * ROW;
  const axis = [0.01, 0.03, 0.1, 0.3, 1, 3, 10].flatMap((seconds) => [
    `<line x1="${x(seconds).toFixed(1)}" y1="${TOP - 6}" x2="${x(seconds).toFixed(1)}" y2="${bottom}" stroke="#d8d8d8"/>`,
    `<text x="${x(seconds).toFixed(1)}" y="${bottom + 18}" text-anchor="middle">${seconds} s</text>`,
  ]);
  const legend = PROFILES.flatMap(({ name }, index) => [
    `<circle cx="${LEFT + index * 130}" cy="36" r="5" fill="${COLOURS[index] ?? ""}"/>`,
    `<text x="${LEFT + 10 + index * 130}" y="40">${name}</text>`,
  ]);
  const rows = FAULTS.flatMap(({ name }, row) => {
    const top = TOP + row * ROW;
    return [
      `<text x="${LEFT - 14}" y="${top + ROW / 2 + 4}" text-anchor="end">${name}</text>`,
      `<line x1="10" y1="${top + ROW}" x2="${WIDTH - 10}" y2="${top + ROW}" stroke="#ececec"/>`,
      ...PROFILES.flatMap((profile, index) => {
        const values = results[profile.name]?.[name] ?? [];
        if (values.length === 0) return [];
        const y = top + 16 + index * 17;
        const median = x(spread(values).median).toFixed(1);
        const colour = COLOURS[index] ?? "";
        return [
          ...values.map((seconds) => `<circle cx="${x(seconds).toFixed(1)}" cy="${y}" r="3.5" fill="${colour}" fill-opacity="0.45"/>`),
          `<line x1="${median}" y1="${y - 8}" x2="${median}" y2="${y + 8}" stroke="${colour}" stroke-width="2.5"/>`,
        ];
      }),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13" fill="#222">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="10" y="20" font-weight="bold">Seconds until a client is served again: each run, and the median</text>`,
    ...legend,
    ...axis,
    ...rows,
    `<text x="10" y="${height - 8}" font-size="11" fill="#666">${caption}</text>`,
    "</svg>",
    "",
  ].join("\n");
}
