import { goldenCases, judge, type Column } from "./golden";
import { ORIGINS } from "./programs";

// The golden files, judged by the programs that would read them and by newer ones. AlmaLinux's
// own programs cannot be had here: Debian's of the nearest branch judge, with PROFILE=SYSTEM replaced.

describe.each(ORIGINS.map((origin) => [origin.name, origin] as const))("the programs of %s", (_, origin) => {
  let column: Column | undefined;

  beforeAll(async () => {
    try {
      column = await judge(origin);
    } catch (error) {
      if (origin.required) throw error;
      console.warn(`${origin.name} is not available on this machine, so its programs checked nothing: ${String(error)}`);
    }
  }, 600_000);

  test.each(goldenCases())("each program accepts the golden files of the case %s without a warning", (name) => {
    if (column === undefined) return;
    const cells = column.cells.filter((cell) => cell.case === name);
    expect(cells.flatMap(({ refused }) => refused)).toEqual([]);
    // Every program was asked that has files in the case, about each of its configurations once.
    expect(cells.filter(({ asked, concerned }) => concerned && asked === 0).map(({ program }) => program)).toEqual([]);
  });
});
