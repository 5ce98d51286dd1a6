/** A stack that both sides synthesize. */
export interface Scenario {
  readonly title: string;
  /** The arguments of the library's child process. */
  readonly args: readonly string[];
  readonly pairs: number;
  /** The largest allowed ratio of the library's time to the plain side's. */
  readonly aim?: number;
}

const sites = (pairs: number, aim?: number): Scenario => ({
  title: `${pairs} pair${pairs === 1 ? "" : "s"}`,
  args: ["sites", String(pairs)],
  pairs,
  aim,
});

export const SCENARIOS: readonly Scenario[] = [
  { title: "start-up", args: ["empty"], pairs: 0 },
  { title: "article", args: ["article"], pairs: 1, aim: 1.1 },
  sites(1),
  sites(100),
  sites(1000, 1.5),
];
