import { goldenNodes, hasWarning } from "./golden";
import { validate } from "./validate";

// The golden files, judged by the programs that would read them. AlmaLinux's are
// judged by the nearest Debian's, with PROFILE=SYSTEM replaced: its own programs
// cannot be had here.

test.each(goldenNodes().map((node) => [node.name, node.suite, node.folder] as const))(
  "%s is accepted by the programs of %s without a warning",
  async (_, suite, folder) => {
    const { haproxy, keepalived, rsyslog, logrotate } = await validate(suite, folder);
    expect({ haproxy, keepalived, rsyslog, logrotate }).toMatchObject({
      haproxy: { status: 0 },
      keepalived: { status: 0, output: "" },
      rsyslog: { status: 0 },
      logrotate: { status: 0 },
    });
    expect(hasWarning(haproxy)).toBe(false);
  },
);

test("there are golden files to judge", () => {
  expect(goldenNodes().length).toBeGreaterThan(30);
});
