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

  /**
   * Stubs of a host. `running` are the names of the services that run, `enabled` those of the enabled services. `ss`
   * prints `listening`; after a reload, `ss` prints process 9 instead of 8. Each `date +%s` adds 5 s to the time.
   */
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

    test("haproxy counts as serving its new files if a new process listens on every port", () => {
      expect(serves("haproxy", both(8))).toBe("serves\n");
      expect(serves("haproxy", `${both(7)}\n${both(8)}`)).toBe("serves\n");
    });

    test.each([
      ["no process except the old one listens on the ports", "haproxy", both(7)],
      ["no process except the old one listens on one of the ports", "haproxy", `${listener(443, 8)}\n${listener(8404, 7)}`],
      ["no process listens on one of the ports", "haproxy", listener(443, 8)],
      ["haproxy.service is not active", "rsyslog", both(8)],
    ])("haproxy does not count as serving its new files if %s", (_, running, listening) => {
      expect(serves(running, listening)).toBe("haproxy did not start to serve with the new files within 20 s.\n");
    });
  });

  describe("the general check whether a service serves", () => {
    const serves = (service: string, running: string, listening: string): string => run(`${host(running, listening)}\nif serves_any ${service}; then echo serves; else echo "$why"; fi`).said;

    test("a service counts as serving if its unit is active; for the last service of a part, a process must also listen on each port of the part", () => {
      expect(serves("haproxy", "haproxy", both(8))).toBe("serves\n");
      expect(serves("rsyslog", "rsyslog", listener(22, 8, "sshd"))).toBe("serves\n");
    });

    test("a service does not count as serving if its unit is not active, or if one of the part's ports has no listening process", () => {
      expect(serves("rsyslog", "haproxy", both(8))).toBe("rsyslog did not stay up.\n");
      expect(serves("haproxy", "haproxy", listener(443, 8))).toBe("nothing listens on port 8404 20 s after haproxy was started or reloaded.\n");
    });
  });

  describe("the services after a deploy", () => {
    const brought = (service: string, running: string, also = "", enabled?: string): { status: number; said: string } =>
      run(`${host(running, both(8), enabled)}\nroll_back() { echo "rolled back: $1"; [ ! -f "$work/log" ] || cat "$work/log"; exit 1; }\nsatisfied_haproxy() { :; }\nmembers() { :; }\n${also}\nbring_up ${service}; echo "changed $changed"`);

    test("a deploy does not touch a running service if none of the service's files changed", () => {
      expect(brought("haproxy", "haproxy").said).toBe("changed no\n");
      expect(calls()).toEqual([]);
    });

    test.each([
      ["one of the service's own files is new", 'echo "haproxy /etc/haproxy/haproxy.cfg" >"$work/changed"'],
      ["one of the service's own files was removed", 'echo "haproxy /etc/haproxy/smtp.lst" >"$work/removed"'],
      ["a CA that the service reads is new", 'echo "trust /etc/ca" >"$work/changed"'],
      ["an earlier rollback could not reload the service", 'echo haproxy >"$root/unread"'],
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

    test("if somebody disabled a service that an earlier deploy had enabled, the next deploy reports this change and enables the service", () => {
      const disabled = `printf '${MANIFEST}' >"$root/manifest"`;
      expect(brought("haproxy", "haproxy", disabled, "none").said).toBe("[10.0.0.1] haproxy was disabled on the host; enabling it\nchanged yes\n");
      expect(brought("keepalived", "keepalived", disabled, "none").said).toBe("changed no\n");
    });

    const NEWS = 'echo "haproxy /etc/haproxy/haproxy.cfg" >"$work/changed"';
    test.each([
      ["does not start", "", 'start_fails=yes', "haproxy did not start (output above)."],
      ["cannot be reloaded", "haproxy", `${NEWS}; reload_haproxy() { echo "its words"; return 1; }`, "haproxy could not load the new files (output above)."],
      ["does not serve its ports", "haproxy", `${NEWS}; serves_haproxy() { why="it does not serve."; return 1; }`, "it does not serve."],
      ["leaves members down after the reload", "haproxy", `${NEWS}; satisfied_haproxy() { why="members are down."; return 1; }`, "members are down."],
      ["passes all its checks but stops afterwards", "haproxy", `${NEWS}; satisfied_haproxy() { systemctl() { return 1; }; }`, "haproxy did not stay up."],
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
    /** What the check of ports prints if process 8 of the unit `group` listens on ports 443 and 8404. */
    const checked = (group: string): string => {
      writeFileSync(path.join(at.root, "cgroup"), `0::/system.slice/${group}\n`);
      return run(`${host("", both(8))}\nis_one_of_ours() { while read -r service; do ! grep -qF "/$service.service" ${at.root}/cgroup || return 0; done <"$work/own"; return 1; }\ncheck_ports; echo went on`).said;
    };

    test("a deploy stops if another program holds a port of the part, and continues if the part's own service holds the port", () => {
      expect(checked("haproxy.service")).toBe("went on\n");
      expect(checked("nginx.service")).toBe('[10.0.0.1] FAILED: port 443 is used by "haproxy",pid=8. Nothing was changed. Stop that program, or use another port.\n');
    });

    test("a deploy continues if the process that held a port has already ended", () => {
      expect(run(`${host("", listener(443, 99_999_999))}\ncheck_ports; echo went on`).said).toBe("went on\n");
    });

    test("a deploy stops if a process outside the part's services holds a port, even if this process started the deploy", () => {
      expect(run(`${host("", listener(443, process.pid, "node"))}\ncheck_ports; echo went on`).said).toContain(`port 443 is used by "node",pid=${process.pid}.`);
    });
  });
});
