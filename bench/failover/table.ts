import { spread } from "../statistics";
import { FAULTS } from "./faults";
import { PROFILES } from "./profiles";

/** Outages in seconds, by profile and fault. */
export type Results = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

const HEAD = ["fault", ...PROFILES.map(({ name }) => name), ...PROFILES.slice(1).map(({ name }) => `article/${name}`), "aims"];

/**
 * A Markdown table with one row for each fault. A row has the outage of each profile as median (min to max), the ratio
 * of the article's median to the median of each other profile, and whether the aims are met.
 */
export function table(results: Results): string {
  const rows = FAULTS.map(({ name }, index) => {
    const of = (profile: string): readonly number[] => results[profile]?.[name] ?? [];
    const cell = (values: readonly number[]): string => {
      if (values.length === 0) return "";
      const { median, min, max } = spread(values);
      return `${median.toFixed(3)} (${min.toFixed(3)} to ${max.toFixed(3)})`;
    };
    const ratio = (values: readonly number[]): string => {
      const article = of("article");
      return values.length === 0 || article.length === 0 ? "" : (spread(article).median / spread(values).median).toFixed(1);
    };
    const aims = PROFILES.flatMap(({ name: profile, aims: all }) => {
      const [aim, values] = [all[index], of(profile)];
      return aim === undefined || values.length === 0 ? [] : [`${profile} ${aim} ${spread(values).median <= aim ? "met" : "MISSED"}`];
    });
    return [name, ...PROFILES.map((profile) => cell(of(profile.name))), ...PROFILES.slice(1).map((profile) => ratio(of(profile.name))), aims.join(", ")];
  });
  const lines = [HEAD, HEAD.map((_, column) => (column === 0 ? "---" : "---:")), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
