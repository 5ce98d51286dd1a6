import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { Functions, SHELLS } from "./shell";

// What apply.sh decides about services: whether one has to be started, reloaded or left alone, and whether it serves.

jest.setTimeout(30_000);

const MANIFEST = "part haproxy\\nfile 0644 haproxy /etc/haproxy/haproxy.cfg\\nfile 0644 trust /etc/ca\\nservice rsyslog\\nservice haproxy\\nlisten 443\\nlisten 8404\\n";

describe.each(SHELLS)("the services of a host, run by %s", (shell) => {
  let at: Functions;
  beforeEach(() => {
    at = new Functions(shell);
  });
  afterEach(() => at.remove());

  /** A host with a clock on which each look takes 5 s, where these services run and are enabled, and `ss` says who listens: after a reload 9 in the place of 8. */
  const host = (running: string, listening: string, enabled = running): string => `
    printf '${MANIFEST}' >"$manifest"; mkdir -p "$root"; echo 0 >"$work/clock"; : >"$work/changed"; : >"$work/removed"; : >"$work/old-listeners"
    date() { case "$*" in +%s) echo $(($(cat "$work/clock") + 5)) >"$work/clock~"; mv "$work/clock~" "$work/clock"; cat "$work/clock" ;; *) command date "$@" ;; esac; }
    sleep() { :; }
    ss() { case "$*" in -Hltnp) printf '%s\\n' ${listening.split("\n").map((line) => `'${line}'`).join(" ")} | sed "s/pid=8,/pid=$(cat "$work/worker" 2>/dev/null || echo 8),/" ;; esac; }
    journalctl() { echo "its journal"; }
    say_denials() { :; }; distrusted() { :; }
    systemctl() {
      for last; do :; done
      case "$1" in
        is-active) case " ${running} $(cat "$work/started" 2>/dev/null) " in *" $last "*) return 0 ;; esac; return 1 ;;
        is-enabled) case " ${enabled} " in *" $last "*) echo enabled; return 0 ;; esac; echo disabled; return 1 ;;
        start) echo "start $last" >>${at.root}/calls; echo " $last " >>"$work/started" ;;
        reload) echo "reload $last" >>${at.root}/calls; echo 9 >"$work/worker" ;;
        *) echo "$1 $last" >>${at.root}/calls ;;
      esac
    }`;
  const listener = (port: number, pid: number, name = "haproxy"): string => `LISTEN 0 4096 0.0.0.0:${port} 0.0.0.0:* users:(("${name}",pid=${pid},fd=5))`;
  const both = (pid: number): string => `${listener(443, pid)}\n${listener(8404, pid)}`;
  const run = (lines: string): { status: number; said: string } => at.run(lines);
  const calls = (): string[] => (existsSync(path.join(at.root, "calls")) ? readFileSync(path.join(at.root, "calls"), "utf8").trim().split("\n") : []);

  describe("the check that haproxy serves its new files", () => {
    const serves = (running: string, listening: string): string => run(`${host(running, listening)}\necho pid=7 >"$work/old-listeners"\nif serves_haproxy; then echo serves; else echo "$why"; fi`).said;

    test("haproxy serves its new files if every port has a new listener", () => {
      expect(serves("haproxy", both(8))).toBe("serves\n");
      expect(serves("haproxy", `${both(7)}\n${both(8)}`)).toBe("serves\n");
    });

    test.each([
      ["only the previous process listens", "haproxy", both(7)],
      ["one port has no new listener", "haproxy", `${listener(443, 8)}\n${listener(8404, 7)}`],
      ["one port has no listener", "haproxy", listener(443, 8)],
      ["its unit is not active", "rsyslog", both(8)],
    ])("haproxy does not serve its new files if %s", (_, running, listening) => {
      expect(serves(running, listening)).toBe("haproxy did not start to serve with the new files within 20 s.\n");
    });
  });

  describe("the default check whether a service serves, for a service without a check of its own", () => {
    const serves = (service: string, running: string, listening: string): string => run(`${host(running, listening)}\nif serves_any ${service}; then echo serves; else echo "$why"; fi`).said;

    test("a program serves if its service is active and, for the last service of a part, all ports are open", () => {
      expect(serves("haproxy", "haproxy", both(8))).toBe("serves\n");
      expect(serves("rsyslog", "rsyslog", listener(22, 8, "sshd"))).toBe("serves\n");
    });

    test("a program does not serve if its service has ended or a port is closed", () => {
      expect(serves("rsyslog", "haproxy", both(8))).toBe("rsyslog did not stay up.\n");
      expect(serves("haproxy", "haproxy", listener(443, 8))).toBe("nothing listens on port 8404 20 s after haproxy was started or reloaded.\n");
    });
  });

  describe("the services after a deploy", () => {
    const brought = (service: string, running: string, also = "", enabled?: string): { status: number; said: string } =>
      run(`${host(running, both(8), enabled)}\nroll_back() { echo "rolled back: $1"; [ ! -f "$work/log" ] || cat "$work/log"; exit 1; }\nsatisfied_haproxy() { :; }\nmembers() { :; }\n${also}\nbring_up ${service}; echo "changed $changed"`);

    test("a deploy does not touch a running service without changed files", () => {
      expect(brought("haproxy", "haproxy").said).toBe("changed no\n");
      expect(calls()).toEqual([]);
    });

    test.each([
      ["one of its own files is new", 'echo "haproxy /etc/haproxy/haproxy.cfg" >"$work/changed"'],
      ["one of its own files was removed", 'echo "haproxy /etc/haproxy/smtp.lst" >"$work/removed"'],
      ["a CA that it reads is new", 'echo "trust /etc/ca" >"$work/changed"'],
      ["it could not load the previous files at a rollback", 'echo haproxy >"$root/unread"'],
    ])("a deploy reloads a service if %s", (_, news) => {
      expect(brought("haproxy", "haproxy", news).said).toBe("[10.0.0.1] reloading haproxy\nchanged yes\n");
      expect(calls()).toEqual(["reload haproxy"]);
    });

    test("a deploy does not reload a service if only another service's files changed", () => {
      expect(brought("rsyslog", "rsyslog haproxy", 'echo "haproxy /etc/haproxy/haproxy.cfg" >"$work/changed"; echo haproxy >"$root/unread"').said).toBe("changed no\n");
    });

    test("a deploy starts a stopped service and enables a disabled service", () => {
      expect(brought("haproxy", "").said).toBe("[10.0.0.1] starting haproxy\nchanged yes\n");
      expect(calls()).toEqual(["unmask haproxy", "enable haproxy", "reset-failed haproxy", "start haproxy"]);
    });

    test("a deploy prints that somebody disabled a service that an earlier deploy had enabled", () => {
      const disabled = `printf '${MANIFEST}' >"$root/manifest"`;
      expect(brought("haproxy", "haproxy", disabled, "none").said).toBe("[10.0.0.1] haproxy was disabled on the host; enabling it\nchanged yes\n");
      expect(brought("keepalived", "keepalived", disabled, "none").said).toBe("changed no\n");
    });

    const NEWS = 'echo "haproxy /etc/haproxy/haproxy.cfg" >"$work/changed"';
    test.each([
      ["does not start", "", 'start_fails=yes', "haproxy did not start (output above)."],
      ["cannot be reloaded", "haproxy", `${NEWS}; reload_haproxy() { echo "its words"; return 1; }`, "haproxy could not load the new files (output above)."],
      ["does not serve its ports", "haproxy", `${NEWS}; serves_haproxy() { why="it does not serve."; return 1; }`, "it does not serve."],
      ["serves worse than before", "haproxy", `${NEWS}; satisfied_haproxy() { why="members are down."; return 1; }`, "members are down."],
      ["ends after all checks", "haproxy", `${NEWS}; satisfied_haproxy() { systemctl() { return 1; }; }`, "haproxy did not stay up."],
      ["cannot be enabled", "haproxy", "enable_fails=yes", "haproxy could not be enabled."],
    ])("a deploy is rolled back if a service %s", (_, running, fault, why) => {
      const failing = `${fault}
        if [ -n "\${start_fails:-}" ]; then systemctl() { case "$1" in start) echo "no start"; return 1 ;; is-active) return 1 ;; is-enabled) echo enabled ;; esac; }; fi
        if [ -n "\${enable_fails:-}" ]; then systemctl() { case "$1" in enable) return 1 ;; is-active) return 0 ;; is-enabled) echo disabled; return 1 ;; esac; }; fi`;
      const { status, said } = brought("haproxy", running, failing);
      expect(said).toContain(`rolled back: ${why}\n`);
      expect(status).toBe(1);
    });
  });

  describe("ports that another program holds", () => {
    /** A process's control group, in the place of /proc. */
    const checked = (group: string): string => {
      writeFileSync(path.join(at.root, "cgroup"), `0::/system.slice/${group}\n`);
      return run(`${host("", both(8))}\nis_one_of_ours() { while read -r service; do ! grep -qF "/$service.service" ${at.root}/cgroup || return 0; done <"$work/own"; return 1; }\ncheck_ports; echo went on`).said;
    };

    test("a port that another program holds stops a deploy, unless the program is one of the part's services", () => {
      expect(checked("haproxy.service")).toBe("went on\n");
      expect(checked("nginx.service")).toBe('[10.0.0.1] FAILED: port 443 is used by "haproxy",pid=8. Nothing was changed. Stop that program, or use another port.\n');
    });

    test("a process that has ended does not count as the holder of a port", () => {
      expect(run(`${host("", listener(443, 99_999_999))}\ncheck_ports; echo went on`).said).toBe("went on\n");
    });

    test("a port that the deploying process itself holds stops a deploy, as if another program held the port", () => {
      expect(run(`${host("", listener(443, process.pid, "node"))}\ncheck_ports; echo went on`).said).toContain(`port 443 is used by "node",pid=${process.pid}.`);
    });
  });
});
