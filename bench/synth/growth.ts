import { spread } from "../statistics";
import { Comparison } from "./compare";
import { Run } from "./run-child";

/** A line with the time per pair, without start-up, at each size. The times are equal if the growth is linear. */
export function growth(comparisons: readonly Comparison[]): string {
  const startUp = comparisons.find(({ scenario }) => scenario.pairs === 0);
  const sizes = comparisons.filter(({ scenario }) => scenario.pairs >= 100);
  const perPair = (side: "library" | "plain", sized: Comparison): string => {
    const extra = wall(sized[side]) - wall(startUp?.[side] ?? []);
    return `${(extra / sized.scenario.pairs).toFixed(2)} ms at ${sized.scenario.pairs}`;
  };
  const of = (side: "library" | "plain"): string => sizes.map((sized) => perPair(side, sized)).join(", ");
  return `growth, time per pair without start-up: library ${of("library")}; plain ${of("plain")}`;
}

function wall(runs: readonly Run[]): number {
  return spread(runs.map(({ wallMs }) => wallMs)).median;
}
