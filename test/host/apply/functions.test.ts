import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { lines } from "./awks";
import { Functions, SHELLS } from "./shell";

// apply.sh's functions by themselves, with a systemctl that a test writes.

// A shell and its programs take their time on a busy machine.
jest.setTimeout(30_000);

describe.each(SHELLS)("the functions of apply.sh, run by %s", (shell) => {
  let at: Functions;
  const state = (...names: string[]): string => path.join(at.root, "state", ...names);
  const write = (name: string, text: string): void => {
    mkdirSync(path.dirname(state(name)), { recursive: true });
    writeFileSync(state(name), text);
  };

  beforeEach(() => {
    at = new Functions(shell);
  });
  afterEach(() => at.remove());

  /**
   * A shell function `systemctl`. At the start, the units in `running` run; the function keeps the names of the running
   * units in a file. A call that contains `refuses`, such as "start haproxy", fails.
   */
  const systemctl = (running: string, refuses = "nothing"): string => `
    running=${at.root}/running; printf '%s\\n' ${running} >"$running"; cp "$running" "$running.enabled"
    systemctl() {
      printf 'systemctl %s\\n' "$*" >>${at.root}/calls
      case "$*" in *"${refuses}"*) return 1 ;; esac
      for last; do :; done
      case "$1" in
        is-active) grep -qxF "$last" "$running" ;;
        is-enabled) grep -qxF "$last" "$running.enabled" ;;
        start) echo "$last" >>"$running" ;;
        stop) grep -vxF "$last" "$running" >"$running~"; mv "$running~" "$running" ;;
      esac
    }
    ss() { :; }`;
  const calls = (): string[] => (existsSync(path.join(at.root, "calls")) ? readFileSync(path.join(at.root, "calls"), "utf8").trim().split("\n") : []);

  describe("the reason why packages cannot be installed", () => {
    const LOCK = "E: Unable to acquire the dpkg frontend lock (@LOCK@), is another process using it?";
    const UPDATE = "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1 (systemd)";
    /** What the deploy prints if the package manager's log has these lines. The process `sleep` (77) holds the file @LOCK@. */
    const failed = (...log: string[]): string => {
      const lock = path.join(at.root, "lock-frontend");
      writeFileSync(lock, "");
      write("../packages.log", `${log.join("\n").replace("@LOCK@", lock)}\n`);
      return at.run(`
        work=$root/..; missing=' haproxy'; masking=no; lock_limit=300; : >"$root/masked"
        systemctl() { :; }
        awk() { case "$*" in */proc/locks) echo 77 ;; *) command awk "$@" ;; esac; }
        cat() { case "$1" in /proc/77/comm) echo sleep ;; /proc/4711/comm) echo unattended-upgr ;; *) command cat "$@" ;; esac; }
        packages_failed`).said;
    };
    const held = (by: string): string =>
      `[10.0.0.1] FAILED: cannot install haproxy: ${by} has held the package manager's lock for 300 s. Nothing was changed. Wait until that process ends, or end it, and deploy again.\n`;

    test.each([
      ["apt-get 2.6 names the process", ["E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4711 (unattended-upgr)", LOCK], held('"unattended-upgr",pid=4711')],
      ["apt-get 2.2 names only the lock file", [LOCK], held('"sleep",pid=77')],
      ["apt-get update met the lock of another process before", [UPDATE, LOCK], held('"sleep",pid=77')],
    ])("if the installation of packages fails because of a lock, the deploy names the process that holds the lock: %s", (_, log, said) => expect(failed(...log)).toBe(said));

    test("if the installation of packages fails for another reason than a lock, the deploy prints the log, even if apt-get update met a lock before", () => {
      expect(failed(UPDATE, "E: Unable to locate package haproxy")).toBe(
        `    ${UPDATE}\n    E: Unable to locate package haproxy\n[10.0.0.1] FAILED: cannot install haproxy (output above). The running services were not touched. Give this host a working package source and deploy again.\n`);
    });
  });

  describe("the check of virtual addresses against the host's networks", () => {
    /** An `ip` command of a host with IPv6. Interface "lo" has these IPv6 addresses and routes; `out` is the default route. */
    const host = (addresses: readonly string[], routes: readonly string[], out = ""): string => `
      ipv6_switch() { echo 0; }
      networks_in_words() { echo 'lo (${addresses.join(", ")})'; }
      ip() {
        case "$*" in
          *'route show match 10.1.'*) echo '10.1.0.0/16 proto kernel' ;;
          *'route show match 2001:db8:1:'*) printf '%s\\n' ${routes.filter((route) => route.startsWith("2001:db8:1:")).map((route) => `'${route}'`).join(" ")} | grep . ;;
          *'route show match'*) ;;
          *'route show default'*) ${out === "" ? ":" : `echo '${out}'`} ;;
          *'route show dev'*) printf '%s\\n' ${routes.map((route) => `'${route}'`).join(" ")} ;;
          *'address show'*' to '*) for last; do :; done; printf '1: lo inet6 %s scope global\\n' ${addresses.join(" ")} | grep -F " $last/" ;;
          *'address show'*) ${addresses.length === 0 ? ":" : `printf '1: lo inet6 %s scope global\\n' ${addresses.join(" ")}`} ;;
        esac
      }`;
    const checked = (state: string, address: string): string =>
      at.run(`${state}\nprintf '%s\\n' 'part keepalived' 'interface lo' 'virtual-address ${address}' >"$manifest"\ncheck_interfaces\necho went on`).said.replace(/\[10[.]0[.]0[.]1\] /g, "");
    const LINK_LOCAL = "fe80::/64 proto kernel metric 256";
    const OWN = ["2001:db8:1::11/64"];
    const OWN_ROUTES = ["2001:db8:1::/64 proto kernel metric 256", LINK_LOCAL];

    test.each([
      ["IPv4 in a network of the interface", host(OWN, OWN_ROUTES), "10.1.0.15/16"],
      ["IPv4 with /32, for which a router has a route to the hosts", host(OWN, OWN_ROUTES), "192.0.2.15/32"],
      ["IPv6 in a network of the interface", host(OWN, OWN_ROUTES), "2001:db8:1::15/64"],
      ["IPv6 in a network of the interface, written without a prefix length", host(OWN, OWN_ROUTES), "2001:db8:1::15"],
      ["IPv6 with /128, for which a router has a route to the hosts", host(OWN, OWN_ROUTES), "2001:db8:2::15/128"],
      ["IPv6 with a prefix length, on a host that has a default route and no IPv6 network", host([], [LINK_LOCAL], "default via fe80::1 dev lo"), "2001:db8:2::15/64"],
      ["IPv6 written without a prefix length, on a host that has a default route and no IPv6 network", host([], [LINK_LOCAL], "default via fe80::1 dev lo"), "2001:db8:2::15"],
      ["IPv6, on a host that has a default route and only an IPv6 address from DHCPv6 (/128)", host(["2001:db8:1::11/128"], [LINK_LOCAL], "default via fe80::1 dev lo"), "2001:db8:2::15/64"],
    ])("a deploy accepts this virtual address: %s", (_, state, address) => expect(checked(state, address)).toBe("went on\n"));

    test("if the host has no IPv6 network and no IPv6 default route, a deploy warns that an IPv6 address can be reached only from its own network", () => {
      expect(checked(host([], [LINK_LOCAL]), "2001:db8:2::15/64")).toBe(
        "lo has no IPv6 network, and this host has no IPv6 default route, so only clients in the network of 2001:db8:2::15/64 will reach the address\nwent on\n");
    });

    test("if the host already holds a virtual address, a deploy does not count the network of this address as a network of the host", () => {
      const held = `${host(["2001:db8:3::15/64"], ["2001:db8:3::/64 proto kernel metric 256", LINK_LOCAL], "default via fe80::1 dev lo")}
        mkdir -p "$root"; printf 'virtual-address 2001:db8:3::15/64\\n' >"$root/manifest"`;
      expect(checked(held, "2001:db8:2::15/64")).toBe("went on\n");
    });

    test.each([
      ["IPv4 with a prefix length, in no network of the interface", host(OWN, OWN_ROUTES), "192.0.2.15/24", "virtualAddresses must be in a network of lo, got 192.0.2.15/24."],
      ["IPv4 without a prefix length, in no network of the interface", host(OWN, OWN_ROUTES), "192.0.2.15", "virtualAddresses must be in a network of lo, got 192.0.2.15."],
      ["IPv6 in no network of the interface, although a default route exists", host(OWN, OWN_ROUTES, "default via fe80::1 dev lo"), "2001:db8:2::15/64", "virtualIpv6Addresses must be in a network of lo, got 2001:db8:2::15/64. This host has lo (2001:db8:1::11/64). Nothing was changed. Set virtualIpv6Addresses or interface; add /128 to an address that is routed to the hosts."],
      ["IPv6 with the prefix length /32, although no network of the interface has this length", host(OWN, OWN_ROUTES), "2001:db8:2::15/32", "virtualIpv6Addresses must be in a network of lo, got 2001:db8:2::15/32."],
      ["IPv6 outside the network that routers advertise", host([], ["2001:db8:1::/64 proto ra metric 1024", LINK_LOCAL]), "2001:db8:2::15/64", "virtualIpv6Addresses must be in a network of lo, got 2001:db8:2::15/64."],
      ["IPv6 without a prefix length, if the interface has no IPv6 network and no default route", host([], [LINK_LOCAL]), "2001:db8:2::15", "virtualIpv6Addresses must have a prefix length, such as 2001:db8:2::15/64, if the hosts have no IPv6 network, got 2001:db8:2::15."],
      ["IPv6 on a host where IPv6 is switched off", `${host([], [])}\nipv6_switch() { echo 1; }`, "2001:db8:2::15/128", "virtualIpv6Addresses must be left out if IPv6 is switched off, got 2001:db8:2::15/128. On this host, IPv6 is off for lo."],
    ])("a deploy refuses this virtual address: %s", (_, state, address, message) => {
      const said = checked(state, address);
      expect(said).toContain(`FAILED: ${message}`);
      expect(said).not.toContain("went on");
    });
  });

  describe("the checks before a deploy changes anything", () => {
    const clock = (host: string, theirs: string): string => {
      write("inbox/origin", `delivery 1\ntime ${theirs}\n`);
      return at.run(`folder=$root/inbox; date() { case "$*" in "-u +%s") command date -u -d ${host} +%s ;; "-u +"*) echo ${host} ;; *) command date "$@" ;; esac; }; check_clock; echo went on`).said;
    };

    test("if the host's clock differs from the deploying machine's clock by 10 minutes or more, a deploy warns and does not stop", () => {
      expect(clock("2026-11-26T21:00:00Z", "2026-11-26T21:09:59Z")).toBe("went on\n");
      expect(clock("2026-11-26T18:00:00Z", "2026-11-26T21:04:00Z")).toBe(
        "[10.0.0.1] this host's clock (2026-11-26T18:00:00Z) is 184 min behind the clock of the deploying machine. Check timedatectl on both machines. Wrong clocks affect the validity of certificates and the times in logs.\nwent on\n",
      );
      expect(clock("2026-11-26T21:30:00Z", "2026-11-26T21:00:00Z")).toContain("is 30 min ahead of the clock of the deploying machine");
    });

    /** A `df` command that reports `free` kB and `inodes` inodes for the folder `full`, and enough for other folders. */
    const df = (full: string, free: string, inodes: string): string => `
      df() {
        asked=$1; shift; echo "Filesystem etc."
        for at; do case "$at" in ${full}) kb=${free} in=${inodes} ;; *) kb=999999 in=999999 ;; esac; [ "$asked" = -Pk ] && echo "x 1 1 $kb" || echo "x 1 1 $in"; done
      }
      du() { echo 10; }
      folder=$root; mkdir -p "$root"; printf 'part haproxy\nfile 0644 haproxy /etc/haproxy/haproxy.cfg\nsecret 0600 haproxy /srv/keys/not/there/exch.pem\n' >"$manifest"
      check_space; echo went on`;

    test("a deploy stops if a file system that gets a delivered file has too little space or too few inodes", () => {
      mkdirSync(path.join(at.root, "state"), { recursive: true });
      expect(at.run(df("none", "0", "0")).said).toBe("went on\n");
      expect(at.run(df("/srv", "500", "999")).said).toBe("[10.0.0.1] FAILED: only 500 kB are free for /srv, but 1104 kB are needed. Nothing was changed. Make room and deploy again.\n");
      expect(at.run(df("/srv", "5000", "7")).said).toBe("[10.0.0.1] FAILED: only 7 inodes are free for /srv, but 100 are needed. Nothing was changed. Remove files on that file system and deploy again.\n");
    });

    test.each([["/", "/"], ["/nowhere/at/all", "/"], ["/etc/nowhere/at/all", "/etc"], ["/etc/no where", "/etc"]])("for the folder %s, a deploy measures the free space in the nearest folder that exists: %s", (folder, nearest) => {
      expect(at.run(`nearest_folder "${folder}"; echo "$nearest"`).said).toBe(`${nearest}\n`);
    });

    test("a deploy stops if it cannot write to a folder in which a file must change", () => {
      const writable = (folder: string, refuses: string): string =>
        at.run(`mkdir -p "$work"; printf 'haproxy ${at.root}/${folder}/not/there/haproxy.cfg\n' >"$work/changed"; : >"$work/removed"
          mktemp() { case "$1" in ${refuses}*) echo "mktemp: failed to create file via template '$1': Read-only file system"; return 1 ;; *) command mktemp "$@" ;; esac; }
          check_writable; ls -A ${at.root}/etc; echo went on`).said;
      mkdirSync(path.join(at.root, "etc"));
      expect(writable("etc", "/nothing")).toBe("went on\n");
      expect(writable("etc", `${at.root}/etc`)).toBe(
        `[10.0.0.1] FAILED: ${at.root}/etc cannot be written: Read-only file system. Nothing was changed. Mount it writable, or remove its immutable flag (lsattr -d ${at.root}/etc), and deploy again.\n`,
      );
      expect(writable("etc", "/usr")).toBe("went on\n");
    });

    test("a deploy prints AppArmor's denials as the kernel logged them", () => {
      const journal = 'audit: type=1400 audit(1764190000.123:45): apparmor="DENIED" operation="open" profile="/usr/sbin/haproxy" name="/srv/keys/exch.pem" comm="haproxy" requested_mask="r"';
      const denials = `has_selinux() { return 1; }; has_apparmor() { :; }; ausearch() { :; }; journalctl() { echo '${journal}'; echo 'audit: apparmor="ALLOWED" comm="haproxy"'; echo 'audit: apparmor="DENIED" comm="snap"'; }; say_denials now`;
      expect(at.run(denials).said).toBe(
        `[10.0.0.1] AppArmor refused these accesses during the deploy:\n    ${journal.replace(/.*apparmor=/, "apparmor=")}\n`,
      );
      expect(at.run(denials.replace("has_apparmor() { :; }", "has_apparmor() { return 1; }")).said).toBe("");
    });
  });

  describe("the prop firewallZone", () => {
    const stated = (zone: string, sources: string, of = "internal"): string =>
      at.run(`mkdir -p "$root"; printf 'zone ${zone}\\npart keepalived\\ninterface ens192\\n' >"$manifest"; zone_of_interface() { echo ${of}; }
        ask_firewalld() { case "$2" in getDefaultZone) echo public ;; getZones) echo "public internal mail" ;; getSources) echo "${sources}" ;; esac; }
        find_serving_zone; echo "opens$in_zone"`).said;

    test("firewallZone is accepted if it is the interface's zone or a zone that has sources", () => {
      expect(stated("internal", "")).toBe("opens in internal\n");
      expect(stated("mail", "10.12.8.0/24")).toBe("opens in mail\n");
      expect(stated("public", "", "''")).toBe("opens\n");
    });

    test("firewallZone is refused if the host has no such zone, or if the zone has neither the interface nor sources", () => {
      expect(stated("public", "")).toContain("FAILED: firewallZone must be internal (the zone of ens192) or a zone with sources, got public. Traffic that arrives on ens192 does not pass through public. Nothing was changed.");
      expect(stated("mail", "", "''")).toContain("FAILED: firewallZone must be public (the zone of ens192) or a zone with sources, got mail");
      expect(stated("elsewhere", "")).toContain("FAILED: firewallZone must be a zone of this host's firewalld, got elsewhere. firewalld has these zones: public internal mail.");
    });
  });

  describe("the check of the Terraform state that a deploy comes from", () => {
    const AT = "2026-11-26T21:04:11Z";
    const NOW = "2026-11-27T08:15:00Z";
    /**
     * The output of the check for a deploy with this `origin`. The host's last delivery has the id 222 and comes from
     * the Terraform state S1. The output ends with `went on` if the check does not stop the deploy.
     */
    const checked = (origin: string, manifest = "format 2\nlibrary 2\n", changed = true): string => {
      write("delivered", `delivery 222\nstate S1\nat ${AT}\nfrom 10.1.2.3\n`);
      write("manifest", "format 2\nlibrary 1\n");
      write("inbox/origin", origin);
      return at.run(`folder=$root/inbox; printf '${manifest.replaceAll("\n", "\\n")}' >"$manifest"; : >"$work/removed"; : >"$work/changed"; ${changed ? 'echo haproxy /etc/x >"$work/changed"' : ":"}; date() { echo ${NOW}; }; check_state; echo went on`).said;
    };

    test.each([
      ["contains the host's last delivery", "delivery 333\nstate S1\nown\nknows 111\nknows 222\n"],
      ["is the state of the last deploy, but contains no delivery to this host, as after a deploy with `away: true` for the host", "delivery 333\nstate S1\nknows 111\n"],
      ["is the state of the last deploy, but is not a local file, so the deploy cannot read it", "delivery 333\nstate S1\nknows unknown\n"],
    ])("a deploy is allowed if its Terraform state %s", (_, origin) => expect(checked(origin)).toBe("went on\n"));

    test("a deploy stops if it comes from an older copy of the Terraform state, which does not contain the host's last delivery", () => {
      expect(checked("delivery 333\nstate S1\nown\nknows 111\n")).toBe(
        `[10.0.0.1] FAILED: this host received another configuration at ${AT} by a deploy from 10.1.2.3, and this copy of the Terraform state does not know that configuration. Nothing was changed. ` +
          `Deploy with the state and the code of that deploy. If they are lost, or if the host was restored from a backup, set overrule: "${NOW}" and deploy again. That deploy replaces everything that was delivered until the time in overrule.\n`,
      );
      // Part of a number is another number.
      expect(checked("delivery 333\nstate S1\nown\nknows 2222\nknows 22\n")).toContain("FAILED");
    });

    test.each(["delivery 333\nstate S2\n", "delivery 333\nstate S2\nown\nknows 111\n", "delivery 333\nstate S2\nknows unknown\n"])("a deploy stops if it comes from another Terraform state than the last deploy: %j", (origin) =>
      expect(checked(origin)).toContain("and that configuration is in another Terraform state. Nothing was changed. Deploy with that state. If it is lost, set overrule"),
    );

    test("if a deploy would change only the recorded library version, the deploy is allowed, even from another Terraform state", () => {
      expect(checked("delivery 333\nstate S2\n", undefined, false)).toBe("went on\n");
      expect(checked("delivery 333\nstate S2\n", "format 2\nlibrary 2\nleave release\n", false)).toContain("FAILED");
    });

    test("with overrule, a deploy from another Terraform state is allowed if the host's last delivery was not later than the time in `overrule`", () => {
      const overruled = (time: string): string => checked("delivery 333\nstate S2\n", `format 2\nlibrary 2\noverrule ${time}\n`);
      expect(overruled(AT)).toMatch(/The deploy does not stop, because the prop overrule allows this deploy\nwent on\n$/);
      expect(overruled("2026-12-01T00:00:00Z")).toMatch(/went on\n$/);
      expect(overruled("2026-11-26T21:04:10Z")).toContain("FAILED");
    });

    test("if the host has no record of a delivery, a deploy is allowed, whichever Terraform state it comes from", () => {
      write("inbox/origin", "delivery 333\nstate S2\n");
      expect(at.run('folder=$root/inbox; : >"$work/removed"; echo haproxy /etc/x >"$work/changed"; check_state; echo went on').said).toBe("went on\n");
    });

    test("if the host was released after its last delivery, a deploy is allowed, even from another Terraform state", () => {
      expect(checked("delivery 333\nstate S2\n")).toContain("FAILED");
      expect(at.run('give_up; cat "$delivered"').said).toBe(`at ${AT}\nfrom 10.1.2.3\n`);
      expect(at.run('folder=$root/inbox; : >"$work/removed"; echo haproxy /etc/x >"$work/changed"; check_state; echo went on').said).toBe("went on\n");
    });

    test("a deploy records the delivery with its Terraform state, its time and the deploying machine's address", () => {
      write("inbox/origin", "delivery 333\nstate S2\nown\nknows 111\n");
      write("inbox/ssh-connection", "10.1.2.3 50000 10.0.0.1 22\n");
      expect(at.run('folder=$root/inbox; record_delivery; cat "$work/delivered"').said).toMatch(/^delivery 333\nstate S2\nat \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\nfrom 10\.1\.2\.3\n$/);
    });
  });

  describe("the check program before the new files go live", () => {
    const live = (script: string): string => `
      view_of_new() { shift; "$@"; }
      setsid() { shift 3; asks_before_live "$1"; }
      printf 'before-live ${script}\\n' >"$manifest"
      touch "$work/changed" "$work/removed"
      ask_before_live`;
    const check = (text: string): string => {
      const file = path.join(at.root, "check");
      writeFileSync(file, text, { mode: 0o755 });
      return file;
    };

    test("a deploy continues if the check program succeeds, and stops with the program's output if the program fails", () => {
      expect(at.run(`${live(check("#!/bin/sh\necho fine\n"))}\nbefore_live\necho went on`)).toEqual({ status: 0, said: "[10.0.0.1] fine\nwent on\n" });
      expect(at.run(`${live(check("#!/bin/sh\necho wrong\nexit 1\n"))}\nbefore_live\necho went on`)).toEqual({
        status: 1,
        said: "[10.0.0.1] wrong\n[10.0.0.1] FAILED: check stopped this deploy (output above). Nothing was changed. The running services were not touched.\n",
      });
    });

    test("if a deploy is killed and its check program keeps running, this program does not affect the check of the next deploy", async () => {
      const slow = check("#!/bin/sh\nsleep 1.5\n");
      await at.killed(`${live(slow)}\nwait`, 500);
      const no = path.join(at.root, "no");
      writeFileSync(no, "#!/bin/sh\nsleep 2.5\nexit 1\n", { mode: 0o755 });
      // As bring does.
      const { status, said } = at.run(`rm -rf "$work"; mkdir -p "$work"; manifest=$work/manifest\n${live(no)}\nbefore_live\necho went on`);
      expect(said).toContain("FAILED: no stopped this deploy");
      expect(status).toBe(1);
    });

    test("a deploy that fails during the check ends the check program and the program's child processes", () => {
      const endless = check(`#!/bin/sh\nsleep 3\ntouch ${at.root}/outlived\n`);
      const real = live(endless).replace(/setsid\(\).*\n/, `setsid() { shift; shift; exec setsid "$0" -c '. ${at.root}/functions.sh; manifest=$work/manifest; view_of_new() { shift; "$@"; }; asks_before_live "$0"' "$2"; }\n`);
      const started = Date.now();
      expect(at.run(`clean_up_at_exit\nalone=yes\n${real}\nsleep 0.5\nfail "something else"`).said).toContain("FAILED: something else");
      expect(Date.now() - started).toBeLessThan(2500);
      expect(at.run("sleep 3").status).toBe(0);
      expect(existsSync(path.join(at.root, "outlived"))).toBe(false);
    });
  });

  describe("the installation of packages", () => {
    test("a deploy stores the list of masked services before it masks the first one, and removes the list after it unmasks the last one", () => {
      const { said } = at.run(`${systemctl("")}
        systemctl() { [ "$1" != mask ] || { [ -f "$root/masked" ] || echo "not on disk: $*"; }; printf 'systemctl %s\\n' "$*" >>${at.root}/calls; }
        printf 'haproxy\\nfirewalld\\n' >"$root/masked"
        mask; installed_whole; [ ! -e "$root/masked" ] && echo forgotten`);
      expect(said).toBe("forgotten\n");
      expect(calls()).toEqual(["haproxy", "firewalld"].map((name) => `systemctl mask --runtime --quiet ${name}`).concat(["haproxy", "firewalld"].map((name) => `systemctl unmask --runtime --quiet ${name}`)));
    });

    test("a deploy masks services that do not exist, and services that a removed package has left masked, but no service that exists", () => {
      at.run(`
        systemctl() {
          case "$1 $2" in
            'cat haproxy') echo '# /lib/systemd/system/haproxy.service' ;;
            'cat keepalived') echo '# Unit keepalived.service is masked.' ;;
            cat*) return 1 ;;
            mask*) printf 'systemctl %s\\n' "$*" >>${at.root}/calls ;;
          esac
        }
        packages_missing() { echo keepalived; }; services_of() { echo haproxy keepalived; }; check_space() { :; }; sync() { :; }
        mkdir -p "$root/bin"; printf '#!/bin/sh\\n' >"$root/bin/apt-get"; chmod 755 "$root/bin/apt-get"; PATH=$root/bin:$PATH
        install_packages`);
      expect(calls()).toEqual(["keepalived", "firewalld"].map((name) => `systemctl mask --runtime --quiet ${name}`));
    });

    test("after a deploy was killed during an installation, the next deploy masks the services, finishes the installation and unmasks the services", () => {
      write("masked", "haproxy\nfirewalld\n");
      const { status, said } = at.run(`${systemctl("")}
        dpkg() { printf 'dpkg %s\\n' "$*" >>${at.root}/calls; }
        finish_installation; finish_installation`);
      expect({ status, said }).toEqual({ status: 0, said: "[10.0.0.1] an earlier deploy was cut off while it installed packages; finishing this installation first\n" });
      expect(calls()).toEqual([
        "systemctl mask --runtime --quiet haproxy",
        "systemctl mask --runtime --quiet firewalld",
        "dpkg --force-confold --configure -a",
        "systemctl unmask --runtime --quiet haproxy",
        "systemctl unmask --runtime --quiet firewalld",
      ]);
      expect(existsSync(state("masked"))).toBe(false);
    });

    test("a deploy that is ended during an installation unmasks all services, and the next deploy finishes the installation", () => {
      write("masked", "haproxy\n");
      const { said } = at.run(`${systemctl("")}
        dpkg() { :; }
        (clean_up_at_exit; alone=yes; mask; exit 143) || :
        mkdir -p "$work"
        finish_installation`);
      expect(calls()).toEqual(["mask", "unmask", "mask", "unmask"].map((verb) => `systemctl ${verb} --runtime --quiet haproxy`));
      expect(said).toContain("an earlier deploy was cut off while it installed packages");
    });

    test("apply.sh --recover, which runs at boot, keeps the record of an interrupted installation, so that the next deploy can finish this installation", () => {
      write("masked", "haproxy\n");
      at.run(`${systemctl("")}\nuname() { echo lb01; }\nflock() { :; }\nrecover`);
      expect(existsSync(state("masked"))).toBe(true);
    });

    test("a deploy that cannot finish the installation of packages prints dpkg's output and the remedy", () => {
      write("masked", "haproxy\n");
      const { status, said } = at.run(`${systemctl("")}\ndpkg() { echo "dpkg: error processing package haproxy"; return 1; }\nfinish_installation`);
      expect(status).toBe(1);
      expect(said).toContain("    dpkg: error processing package haproxy\n[10.0.0.1] FAILED: dpkg --configure -a failed (output above). The running services were not touched. Repair the packages on this host and deploy again.");
    });
  });

  describe("a rollback", () => {
    const rolledBack = (running: string, refuses: string, log = "true"): { status: number; said: string } => {
      const file = path.join(at.root, "haproxy.cfg");
      writeFileSync(file, "new\n");
      write(`previous${file}`, "old\n");
      write("manifest", "part haproxy\nservice haproxy\n");
      write("journal", `restore haproxy ${file}\nactive haproxy -\nenabled haproxy -\ninactive keepalived -\ndisabled keepalived -\n`);
      const outcome = at.run(`${systemctl(running, refuses)}\nserves_haproxy() { ${log}; }\nundo_host() { :; }\nswapping=yes\nroll_back "keepalived did not start (output above)."`);
      expect(readFileSync(file, "utf8")).toBe("old\n");
      return outcome;
    };

    test("a rollback restores the files, reloads the services, stops services that did not run before the deploy, and prints what it did", () => {
      const { status, said } = rolledBack("haproxy keepalived", "nothing");
      expect(said).toBe(lines(`
        [10.0.0.1] rolling back: keepalived did not start (output above).
        [10.0.0.1] restored the previous files
        [10.0.0.1] FAILED: keepalived did not start (output above). The previous files are restored, and the services run as before. Fix the cause and deploy again.`));
      expect(status).toBe(1);
      expect(calls()).toContain("systemctl reload haproxy");
      expect(calls()).toContain("systemctl stop keepalived");
      expect(calls()).toContain("systemctl disable --quiet keepalived");
      // While its unit still says what to do then.
      expect(calls().indexOf("systemctl stop keepalived")).toBeLessThan(calls().indexOf("systemctl reload haproxy"));
      expect(readFileSync(state("unread"), "utf8")).toBe("");
    });

    test.each([
      ["cannot be reloaded", "haproxy", "reload haproxy", "true"],
      ["cannot be started", "", "start haproxy", "true"],
      ["does not serve its ports", "haproxy", "nothing", "false"],
    ])("if a service %s during a rollback, the error message contains the service's name, and the next deploy reloads the service", (_, running, refuses, serves) => {
      const { said } = rolledBack(running, refuses, serves);
      expect(said).toContain("[10.0.0.1] restored the previous files, but these services do not run with them: haproxy\n");
      expect(said).toContain("FAILED: keepalived did not start (output above). The previous files are restored, but these services do not run with them: haproxy. Check journalctl and systemctl status on the host, and deploy again.");
      expect(said).not.toContain("run as before");
      expect(readFileSync(state("unread"), "utf8")).toBe("haproxy\n");
      expect(at.run('touch "$work/changed" "$work/removed"; has_news haproxy && echo news; has_news keepalived || echo none').said).toBe("news\nnone\n");
    });
  });

  describe("the wait for members after a reload", () => {
    const satisfied = (members: string, limit = 1): { status: number; said: string } =>
      at.run(`printf 'part haproxy\\nmembers-up-within ${limit}\\nstats-port 8404\\n' >"$manifest"
        printf 'be exch01 UP L7OK\\nbe exch02 DOWN L4CON\\n' >"$work/members-before"; served=yes
        members() { ${members}; }
        satisfied_haproxy || { echo "$why"; exit 1; }`);

    test("if HAProxy does not answer on its stats port, the deploy fails, and the message contains the number of this port", () => {
      expect(satisfied(":")).toEqual({ status: 1, said: "HAProxy did not answer on 127.0.0.1:8404 within 1 s, so it is unknown whether the members are up.\n" });
    });

    test("if members stay down, the deploy fails, and the message contains the names of these members and a remedy", () => {
      expect(satisfied("echo be exch01 DOWN L7TOUT")).toEqual({
        status: 1,
        said: "still down 1 s after the reload: exch01 (no answer to the health check) for be. If a member is meant to be down, set its state to MemberState.MAINTENANCE.\n",
      });
    });

    test("a deploy prints how many members are up, and which member is down", () => {
      expect(satisfied("printf 'be exch01 UP L7OK\\nbe exch02 DOWN L4CON\\n'")).toEqual({ status: 0, said: "[10.0.0.1] members up: 1 of 2, down: exch02 (no connection) for be\n" });
    });
  });

  describe("the order of a deploy's steps", () => {
    /** Only these steps change what the host serves and which traffic the host admits. */
    const EFFECTS = ["set_booleans", "open_firewall", "swap", "activate", "settle_language", "commit", "record_units", "close_firewall", "forget_leaving_parts"];
    const main = readFileSync(path.join(__dirname, "../../../lib/host/apply/main.sh"), "utf8");
    const steps = (/\n {4}finish_installation\n([^]*?)\n}\n/.exec(main)?.[1] ?? "").split("\n").flatMap((line) => /^ {4,8}([a-z_]+)$/.exec(line)?.[1] ?? []).filter((word) => !["else", "fi"].includes(word));
    const CHECKS = steps.slice(0, steps.indexOf("set_booleans"));

    /** Runs a deploy in which each step only prints its name. The step `failing` also fails. Returns the printed lines. */
    const run = (failing: string): string[] => {
      mkdirSync(path.join(at.root, "bundle"));
      writeFileSync(path.join(at.root, "bundle/host"), "10.0.0.1\n");
      const stubs = steps.map((name) => `${name}() { echo ${name}; ${name === failing ? 'fail "no"' : ":"}; }`).join("\n");
      const { said } = at.run(`${stubs}\nfinish_installation() { :; }; id() { echo 0; }; undo_host() { echo undone; }; tell_what_is_where() { :; }; : >"$manifest"; echo >bundle/manifest
        folder=bundle; mkdir -p "$work"
        find_changes() { echo find_changes; ${failing === "find_changes" ? 'fail "no"' : 'echo x y >"$work/changed"; : >"$work/removed"; : >"$work/leaving-now"'}; }
        bring bundle`);
      return said.split("\n");
    };

    test("a deploy runs each step that changes the host exactly once, in the expected order", () => {
      expect(steps.filter((name) => EFFECTS.includes(name) && name !== "swap")).toEqual(EFFECTS.filter((name) => name !== "swap"));
      expect(CHECKS).toEqual(expect.arrayContaining(["check_os", "check_filters", "stage_files", "check_state", "ask_new_members", "check_ports", "validate", "before_live"]));
      expect(run("none").filter((name) => EFFECTS.includes(name))).toEqual(EFFECTS);
    });

    test("a deploy updates the CA trust before certificate-check and HAProxy read it", () => {
      expect(steps.indexOf("mend_trust")).toBeGreaterThan(-1);
      expect(steps.indexOf("mend_trust")).toBeLessThan(steps.indexOf("ask_before_live"));
      expect(steps.indexOf("mend_trust")).toBeLessThan(steps.indexOf("validate"));
    });

    test("if a check fails, a deploy stops before it changes anything", () => {
      for (const check of CHECKS) {
        const said = run(check);
        expect(said).toContain("[10.0.0.1] FAILED: no");
        expect({ check, done: said.filter((name) => EFFECTS.includes(name)) }).toEqual({ check, done: [] });
      }
    });
  });

  describe("the end of a deploy", () => {
    test.each([
      ["the delivery", "bring", "the folder for its records cannot be created", "mkdir() { return 1; }\nid() { echo 0; }"],
      ["the delivery", "bring", "the ssh user cannot become root", "id() { echo 1000; }\ncommand() { return 1; }"],
      ["the receiver of secrets", "receive_secrets", "the folder for its records cannot be created", "mkdir() { return 1; }\nid() { echo 0; }"],
      ["the receiver of secrets", "receive_secrets", "the ssh user cannot become root", "id() { echo 1000; }\ncommand() { return 1; }"],
    ])("%s (the function %s) removes the bundle when it fails because %s", (_, step, __, host) => {
      mkdirSync(path.join(at.root, "bundle"));
      writeFileSync(path.join(at.root, "bundle/host"), "10.0.0.1\n");
      const { status, said } = at.run(`rm -rf "$root"\n${host}\n${step} bundle`);
      expect(status).not.toBe(0);
      expect(said).toContain("[10.0.0.1] FAILED: ");
      expect(existsSync(path.join(at.root, "bundle"))).toBe(false);
    });

    test.each([
      ["do not arrive", "timeout() { return 124; }", "they did not arrive within 60 s, or "],
      ["differ from the planned secrets", "timeout() { echo b25l; }", "they did not arrive completely"],
      ["do not fit on the disk", 'mv() { case "$*" in *"/secrets/0123"*) return 1 ;; esac; command mv "$@"; }; timeout() { echo "$right"; }', "has no room for them"],
    ])("if secrets %s, the host deletes them, and the waiting delivery gets the reason", (_, host, why) => {
      const bundle = path.join(at.root, "bundle");
      mkdirSync(bundle);
      for (const [name, text] of [["host", "10.0.0.1\n"], ["secrets-key", "0123\n"]] as const) writeFileSync(path.join(bundle, name), text);
      write("secrets/0123.coming", "");
      const { status } = at.run(`right=$(printf one | base64); printf '%s\\n' "$(printf ${why.includes("completely") ? "two" : "one"} | sha256sum | cut -c1-6)" >bundle/fingerprints\n${host}\nstore_secrets bundle`);
      expect(status).toBe(1);
      expect(readFileSync(state("secrets/0123.failed"), "utf8")).toContain(why);
      expect(readdirSync(state("secrets"))).toEqual(["0123.failed"]);
      expect(readdirSync(at.root).filter((name) => name.startsWith("bundle"))).toEqual([]);
    });

    test("if all secrets of a delivery have arrived completely, the host stores them in a file that only root can read", () => {
      const bundle = path.join(at.root, "bundle");
      mkdirSync(bundle);
      for (const [name, text] of [["host", "10.0.0.1\n"], ["secrets-key", "0123\n"]] as const) writeFileSync(path.join(bundle, name), text);
      write("secrets/0123.coming", "");
      write("secrets/0123.failed", "an earlier one\n");
      const { status } = at.run(`printf '%s\\n' "$(printf one | sha256sum | cut -c1-6)" >bundle/fingerprints\ntimeout() { printf one | base64; }\nstore_secrets bundle`);
      expect(status).toBe(0);
      expect(readdirSync(state("secrets"))).toEqual(["0123"]);
      expect(readFileSync(state("secrets/0123"), "utf8")).toBe("b25l\n");
      expect((statSync(state("secrets/0123")).mode & 0o777).toString(8)).toBe("600");
      expect(existsSync(bundle)).toBe(false);
    });

    test("a deploy that fails closes the firewall openings that it made", () => {
      const { said } = at.run(`${systemctl("firewalld")}
        firewalld() { [ "$1" = query ] && echo "b false"; [ "$1" = query ] || printf 'firewalld %s\\n' "$*" >>${at.root}/calls; }
        ask_zone() { return 1; }
        ask_firewalld() { echo public; }
        printf 'firewall firewalld 22\\npart haproxy\\nopen tcp 443\\n' >"$manifest"
        clean_up_at_exit; alone=yes
        open_firewall
        fail "something else"`);
      expect(said).toBe(lines(`
        [10.0.0.1] firewall: opening tcp 443
        [10.0.0.1] FAILED: something else
        [10.0.0.1] firewall: closing tcp 443 again (permanent)
        [10.0.0.1] firewall: closing tcp 443 again (running)`));
      expect(calls().filter((call) => call.startsWith("firewalld"))).toEqual([
        "firewalld add permanent tcp 443",
        "firewalld add running tcp 443",
        "firewalld remove permanent tcp 443",
        "firewalld remove running tcp 443",
      ]);
      expect(readFileSync(state("firewall"), "utf8")).toBe("");
    });

    test("a deploy that starts firewalld records the ssh port that it opens, so that this port is closed again when the host leaves", () => {
      at.run(`${systemctl("")}
        mkdir -p ${at.root}/bin
        printf '#!/bin/sh\\ncase "$*" in --query*) exit 1 ;; esac\\n' >${at.root}/bin/firewall-offline-cmd
        printf '#!/bin/sh\n' >${at.root}/bin/systemd-run
        chmod +x ${at.root}/bin/*
        PATH=${at.root}/bin:$PATH
        firewalld() { echo "b true"; }
        start_firewalld 2222`);
      expect(readFileSync(state("firewall"), "utf8")).toBe("host tcp 2222\n");
    });

    test("a deploy that fails does not close a port that was already open in the running firewall", () => {
      at.run(`${systemctl("firewalld")}
        firewalld() {
          case "$1 $2" in "query running") echo "b true" ;; query*) echo "b false" ;; *) printf 'firewalld %s\\n' "$*" >>${at.root}/calls ;; esac
        }
        ask_zone() { return 1; }
        ask_firewalld() { echo public; }
        printf 'firewall firewalld 22\\npart haproxy\\nopen tcp 443\\n' >"$manifest"
        clean_up_at_exit; alone=yes
        open_firewall
        fail "something else"`);
      expect(calls().filter((call) => call.startsWith("firewalld"))).toEqual(["firewalld add permanent tcp 443", "firewalld remove permanent tcp 443"]);
    });

    test("if a deploy has started firewalld and opened the ssh port, and then fails, it stops firewalld and closes the ssh port again", () => {
      const { said } = at.run(`${systemctl("")}
        mkdir -p ${at.root}/bin
        printf '#!/bin/sh\\nprintf "offline %%s\\\\n" "$*" >>${at.root}/calls\\ncase "$*" in --query*) exit 1 ;; esac\\n' >${at.root}/bin/firewall-offline-cmd
        printf '#!/bin/sh\nprintf "watchdog %%s\\n" "$*" >>${at.root}/calls\n' >${at.root}/bin/systemd-run
        chmod +x ${at.root}/bin/*
        PATH=${at.root}/bin:$PATH
        ask_zone() { return 1; }
        printf 'firewall firewalld 2222\\npart haproxy\\nopen tcp 443\\n' >"$manifest"
        clean_up_at_exit; alone=yes
        open_firewall`);
      expect(said).toContain("FAILED: firewalld does not allow new ssh connections (2222/tcp), so firewalld was stopped again.");
      expect(said).toContain("stopping firewalld, which did not run before this deploy\n[10.0.0.1] firewall: closing tcp 2222 again (permanent)\n");
      const done = calls().filter((call) => /^offline|^watchdog|firewalld$|stop .*timer$/.test(call) && !call.includes("is-"));
      expect(done.map((call) => call.replace(/^(watchdog) .* (--on-active=\S+) .*/, "$1 $2"))).toEqual([
        "offline --list-services",
        "systemctl stop cdktf-exchange-balancer-watchdog.timer",
        "watchdog --on-active=60",
        "offline --query-port=2222/tcp",
        "offline --add-port=2222/tcp",
        "systemctl start firewalld",
        "systemctl stop firewalld",
        "systemctl disable --quiet firewalld",
        "systemctl stop cdktf-exchange-balancer-watchdog.timer",
        "offline --remove-port=2222/tcp",
      ]);
      expect(readFileSync(state("firewall"), "utf8")).toBe("");
    });
  });

  describe("calls to firewalld over D-Bus", () => {
    const managed = `printf 'firewall firewalld 22\\npart haproxy\\nopen tcp 443\\n' >"$manifest"; zone=/zone; zone_name=; bus=bus; at=/at; ask_firewalld() { echo public; }`;

    test('a failed call to firewalld is repeated, and the answer "already done" is not a failure', () => {
      const { status, said } = at.run(`${systemctl("firewalld")}\n${managed}
        sleep() { :; }
        busctl() {
          echo "$*" >>"$work/asked"
          case "$*" in
            *queryPort*) [ "$(grep -c queryPort "$work/asked")" -gt 2 ] || { echo "Call failed: Message recipient disconnected from message bus without replying" >&2; return 1; }; echo "b false" ;;
            *addPort*) echo "Call failed: ALREADY_ENABLED: 443:tcp" >&2; return 1 ;;
          esac
        }
        open_firewall; cat "$root/firewall"`);
      expect({ status, said }).toEqual({ status: 0, said: "[10.0.0.1] firewall: opening tcp 443\nhaproxy tcp 443\n" });
    });

    /**
     * A `busctl` command. `answers` maps methods of firewalld to their answers. For a method that `answers` does not
     * contain, the command answers "public" if the method returns the default zone, and otherwise an empty list.
     */
    const bus = (answers: Readonly<Record<string, string>>): string => `
      busctl() {
        printf 'busctl %s\\n' "$*" >>${at.root}/calls
        case "$*" in
          *getDefaultZone) echo 's "public"' ;;
          *getZoneByName*) echo 'o "/zone/4"' ;;
          ${Object.entries(answers).map(([method, answer]) => `*" ${method}"*) echo '${answer}' ;;`).join("\n          ")}
          *query*) echo 'b false' ;;
          *get*) echo 'as 0' ;;
        esac
      }
      connection_of() { :; }`;
    const asked = (): string[] => calls().filter((call) => call.startsWith("busctl")).map((call) => call.replace(/^busctl call \S+ (\S+) \S+ /, "$1 ").replace("/org/fedoraproject/FirewallD1", "at").trimEnd());
    const RULE = 'rule family=\\"ipv4\\" source address=\\"10.0.0.2\\" protocol value=\\"vrrp\\" accept';
    const wanted = (...openings: string[]): string => `printf '%s\\n' 'firewall firewalld 22' 'part haproxy' ${openings.map((opening) => `'${opening}'`).join(" ")} >"$manifest"`;
    const opened = (answers: Readonly<Record<string, string>>, ...openings: string[]): string => at.run(`${systemctl("firewalld")}\n${bus(answers)}\n${wanted(...openings)}\nopen_firewall; cat "$root/firewall"`).said;

    test("if all openings exist already, a deploy reads firewalld's permanent and running list once for each kind of opening, and makes no further call for a single opening", () => {
      expect(opened({ getPorts: 'a(ss) 2 "443" "tcp" "25" "tcp"', getRichRules: `as 1 "${RULE}"` }, "open tcp 443", "open tcp 25", "open vrrp from 10.0.0.2")).toBe("");
      expect(asked()).toEqual([
        "at getDefaultZone",
        "at/config getZoneByName s public",
        "/zone/4 getPorts",
        "/zone/4 getRichRules",
        "at getPorts s",
        "at getRichRules s",
      ]);
    });

    test("if firewalld lists a rule in another spelling and confirms that the rule exists, a deploy neither adds nor records the rule", () => {
      expect(opened({ getRichRules: 'as 1 "rule priority=\\"1\\" protocol value=\\"vrrp\\" accept"', queryRichRule: "b true" }, "open vrrp")).toBe("");
      expect(asked().filter((call) => call.includes("query"))).toEqual(['/zone/4 queryRichRule s rule protocol value="vrrp" accept', 'at queryRichRule ss  rule protocol value="vrrp" accept']);
    });

    test("if a port is open only in the running firewall, a deploy also opens this port in the permanent firewall, in the zone of the interface", () => {
      expect(opened({ getZoneOfInterface: 's "dmz"', "getPorts s": 'aas 2 2 "443" "tcp" 2 "25" "tcp"', getPorts: 'a(ss) 1 "443" "tcp"' }, "interface ens192", "open tcp 443", "open tcp 25")).toBe(
        "[10.0.0.1] firewall: ens192 is in zone dmz\nhaproxy tcp 25 in dmz\n",
      );
      expect(asked().slice(2)).toEqual(["at/config getZoneByName s dmz", "/zone/4 getPorts", "/zone/4 addPort ss 25 tcp", "at getPorts s dmz"]);
    });

    test("if firewalld does not answer, the deploy records no opening as its own, because the opening might already exist", () => {
      const { status, said } = at.run(`${systemctl("firewalld")}\n${managed}\nsleep() { :; }\nbusctl() { echo "Call failed: Connection timed out" >&2; return 1; }\nclean_up_at_exit; alone=yes\nopen_firewall`);
      expect({ status, said }).toEqual({
        status: 1,
        said: "    Call failed: Connection timed out\n[10.0.0.1] FAILED: firewalld does not say whether tcp 443 is open (output above). Nothing was changed. Look at journalctl -u firewalld and deploy again.\n",
      });
      expect(readFileSync(state("firewall"), "utf8")).toBe("");
    });
  });

  describe("the error message of a deploy that fails in the firewall or SELinux", () => {
    const NOTHING = "Nothing was changed.";
    const UNDONE = "The changes of this deploy to the firewall and to SELinux were undone.";
    const openings = `printf 'firewall firewalld 22\\npart haproxy\\nopen tcp 80\\nopen tcp 443\\nsebool first\\nsebool second\\n' >"$manifest"; mkdir -p "$root"
      ask_zone() { return 1; }; ask_firewalld() { case "$2" in getDefaultZone) echo public ;; getZones) echo public ;; esac; }; zone_of_interface() { :; }; has_selinux() { :; }; getsebool() { echo "$1 --> off"; }`;
    const refusing = (what: string): string => `firewalld() { case "$*" in query*) echo "b false" ;; "${what}") echo no; return 1 ;; esac; }; setsebool() { [ "$2" != "${what}" ]; }`;

    test.each([
      ["SELinux refuses the first boolean (nothing was changed)", "first", "set_booleans", "setsebool could not turn on the SELinux boolean first. ", NOTHING],
      ["SELinux refuses the second boolean (changes were undone)", "second", "set_booleans", "setsebool could not turn on the SELinux boolean second. ", UNDONE],
      ["firewalld refuses the first port (nothing was changed)", "add permanent tcp 80", "open_firewall", "firewalld did not open tcp 80 (output above). ", NOTHING],
      ["firewalld refuses the second port (changes were undone)", "add permanent tcp 443", "open_firewall", "firewalld did not open tcp 443 (output above). ", UNDONE],
      ["firewalld refuses the first port after SELinux turned on both booleans (changes were undone)", "add permanent tcp 80", "set_booleans; open_firewall", "firewalld did not open tcp 80 (output above). ", UNDONE],
      ["firewallZone names an unknown zone after SELinux turned on both booleans (changes were undone)", "none", 'set_booleans; echo "zone elsewhere" >>"$manifest"; find_serving_zone', "firewallZone must be a zone of this host's firewalld, got elsewhere. firewalld has these zones: public. ", UNDONE],
    ])("the error message says whether nothing was changed or changes were undone: %s", (_, what, steps, why, then) => {
      expect(at.run(`${systemctl("firewalld")}\n${openings}\n${refusing(what)}\n${steps}`).said).toContain(`FAILED: ${why}${then}`);
    });

    test.each([
      ["firewalld does not start after the deploy opened the ssh port in its files", 'systemctl() { [ "$1" != start ] && [ "$1" != is-active ]; }', "firewalld did not start: "],
      ["the deploy started firewalld, and firewalld does not say which ports are open", "systemctl() { [ \"$1\" != is-active ]; }; still_reachable() { :; }; firewalld() { return 1; }", "firewalld does not say whether tcp 80 is open (output above). "],
    ])("if %s, the error message says that the deploy's changes were undone", (_, host, why) => {
      const said = at.run(`${openings}\nsay_what_is_shut() { :; }; arm_watchdog() { :; }; disarm_watchdog() { :; }
        mkdir -p ${at.root}/bin; PATH=${at.root}/bin:$PATH
        printf '#!/bin/sh\\ncase "$*" in *query*) exit 1 ;; esac\\n' >${at.root}/bin/firewall-offline-cmd; chmod +x ${at.root}/bin/firewall-offline-cmd
        came_by() { ssh_port=22; ssh_zone=; client=; }
        ${host}
        open_firewall`).said;
      expect(said).toContain(`FAILED: ${why}`);
      expect(said).toContain(UNDONE);
      expect(said).not.toContain(NOTHING);
    });
  });

  describe("rules of firewalld that remain from another FirewallBackend", () => {
    const NFT = "@nft\ntable inet firewalld {\n\tchain filter_INPUT {\n\t}\n}\n";
    const IPTABLES = "@iptables iptables\n*filter\n:INPUT ACCEPT [0:0]\n:INPUT_ZONES - [0:0]\nCOMMIT\n";
    const DIRECT = "@iptables iptables\n*filter\n:INPUT ACCEPT [0:0]\n:INPUT_direct - [0:0]\nCOMMIT\n";
    const checked = (facts: string): string => {
      write("facts", `@unit firewalld yes yes\n${facts}@end\n`);
      return at.run(`systemctl() { :; }; filter_facts() { cat "$root/facts"; }; printf 'firewall managed\n' >"$manifest"; check_filters; echo went on`).said;
    };

    test("the refusal of a host with two packet filters prints the commands for the first filter and the rules for the second", () => {
      const { said } = at.run(`printf 'ufw\\tENABLED=yes in /etc/ufw/ufw.conf\\nnftables\\tnftables.service is enabled\\n' >"$work/filters"; echo 'open tcp 443' >"$manifest"; nothing=; refuse_filters`);
      expect(said).toContain("(ufw and nftables), use these commands or rules:\n    ufw allow proto tcp from any to any port 443\n    tcp dport 443 accept\n");
    });

    test("a deploy stops if firewalld has rules in nftables and in iptables, because the rules of firewalld's former backend would block the ports that firewalld opens", () => {
      expect(checked(NFT + IPTABLES)).toMatch(/^\[10\.0\.0\.1\] FAILED: firewalld has rules in nftables and in iptables, .* Nothing was changed\. .*, and deploy again\.\n$/);
    });

    test.each([["only nftables", NFT], ["only iptables", IPTABLES], ["nftables, and direct rules in iptables", NFT + DIRECT]])("a deploy continues if firewalld has rules in %s", (_, facts) => {
      expect(checked(facts)).toBe("went on\n");
    });
  });

  describe("the translation of an opening for firewalld", () => {
    test.each([
      ["tcp 443", "Port", "443/tcp"],
      ["udp 514", "Port", "514/udp"],
      ["tcp 443 from 10.0.0.0/8", "RichRule", 'rule family="ipv4" source address="10.0.0.0/8" port port="443" protocol="tcp" accept'],
      ["tcp 443 from 2001:db8::/32", "RichRule", 'rule family="ipv6" source address="2001:db8::/32" port port="443" protocol="tcp" accept'],
      ["vrrp from 10.12.8.12", "RichRule", 'rule family="ipv4" source address="10.12.8.12" protocol value="vrrp" accept'],
      ["vrrp", "RichRule", 'rule protocol value="vrrp" accept'],
      ["interface ens192", "Interface", "ens192"],
    ])('the opening "%s" becomes a port, an interface or a rich rule of firewalld', (opening, kind, words) => {
      // After another one, of which nothing is left.
      for (const before of ["tcp 1", "tcp 1 from 2001:db8::1 in dmz", "interface a"])
        expect(at.run(`in_words_of_firewalld "${before}"; in_words_of_firewalld "${opening}"; echo "$kind $words\${protocol:+/$protocol}\${of_zone}"`).said).toBe(`${kind} ${words}\n`);
    });

    test.each([
      ["tcp 443", "permanent", "bus /zone bus.config.zone addPort ss 443 tcp"],
      ["tcp 443", "running", "bus /at bus.zone addPort sssi  443 tcp 0"],
      ["vrrp", "permanent", 'bus /zone bus.config.zone addRichRule s rule protocol value="vrrp" accept'],
      ["vrrp in dmz", "running", 'bus /at bus.zone addRichRule ssi dmz rule protocol value="vrrp" accept 0'],
      ["interface ens192", "permanent", "bus /zone bus.config.zone addInterface s ens192"],
      ["interface ens192", "running", "bus /at bus.zone addInterface ss  ens192"],
      ["interface ens192 in dmz", "running", "bus /at bus.zone addInterface ss dmz ens192"],
    ])('the opening "%s" in the %s firewall becomes a D-Bus call to firewalld', (opening, where, call) => {
      expect(at.run(`find_zone() { :; }; ask_bus() { echo "$*"; }; firewalld_bus=bus; firewalld_path=/at; zone=/zone; firewalld add ${where} "${opening}"`).said).toBe(`${call}\n`);
    });

    test.each([
      ["", "", "routing interface ens192\n"],
      [" in dmz", "", "routing interface ens192 in dmz\n"],
      ["", "0123-4567", ""],
    ])("the openings of a deploy include each interface that forwards packets, unless NetworkManager has a connection for this interface (zone of all openings: '%s'; connection: %j)", (zone, connection, opening) => {
      expect(at.run(`connection_of() { echo '${connection}'; }; in_zone='${zone}'
        printf 'firewall firewalld 22\npart haproxy\nopen tcp 443\npart routing\nforward ens192\n' >"$manifest"; wanted_openings`).said).toBe(`haproxy tcp 443${zone}\n${opening}`);
    });

    test.each([
      ["interface ens192", "--remove-interface=ens192"],
      ["interface ens192 in dmz", "--zone=dmz --remove-interface=ens192"],
      ["tcp 443", "--remove-port=443/tcp"],
      ["vrrp in dmz", '--zone=dmz --remove-rich-rule=rule protocol value="vrrp" accept'],
    ])("the opening %s is removed with firewall-offline-cmd if firewalld does not run", (opening, said) => {
      expect(at.run(`mkdir -p ${at.root}/bin; printf '#!/bin/sh\necho "$*" >>${at.root}/calls\n' >${at.root}/bin/firewall-offline-cmd; chmod +x ${at.root}/bin/*; PATH=${at.root}/bin:$PATH
        remove_offline "${opening}"`).said).toBe("");
      expect(calls()).toEqual([said]);
    });
  });

  describe("parts and hosts that leave", () => {
    test("a deploy applies the removal policy to a part that the new manifest lacks, but not to a retained part that is in the new manifest again", () => {
      write("manifest", "leave retain\npart haproxy\nservice haproxy\npart keepalived\nservice keepalived\n");
      write("retained", "part monitoring\nservice exporter\npart border\nservice postfix\n");
      expect(at.run('printf "leave destroy\\npart haproxy\\nservice haproxy\\npart border\\n" >"$manifest"\nfind_leaving\ncat "$work/leaving"; echo; cat "$work/leaving-now"; retained_parts').said).toBe(
        "keepalived destroy\nmonitoring retain\n\nkeepalived\npart monitoring\nservice exporter\n",
      );
    });

    test("the host keeps the manifest section of a retained part", () => {
      write("manifest", "leave retain\npart haproxy\nservice haproxy\npart keepalived\nservice keepalived\n");
      expect(at.run('printf "leave retain\\npart haproxy\\n" >"$manifest"\nfind_leaving\nretained_parts').said).toBe("part keepalived\nservice keepalived\n");
    });

    test("the services of a removed part stop in reverse order, except services that a remaining part also has", () => {
      write("manifest", "part haproxy\nservice rsyslog\npart monitoring\nservice rsyslog\nservice exporter\nservice gauge\n");
      expect(at.run('printf "leave destroy\\npart haproxy\\nservice rsyslog\\n" >"$manifest"\nfind_leaving\nleaving_services').said).toBe("gauge\nexporter\n");
    });

    test("the services of a removed part return to their state before the first deploy, except services that a remaining part also has", () => {
      write("before", "haproxy rsyslog yes yes\nkeepalived keepalived no no\nkeepalived rsyslog yes yes\nhost firewalld no no\n");
      at.run(`${systemctl("rsyslog keepalived")}\necho rsyslog >"$work/staying"\nservices_as_before keepalived`);
      expect(calls()).toEqual(["systemctl disable --quiet keepalived", "systemctl stop keepalived"]);
    });

    test("after a part is removed with the policy `destroy`, the host forgets the part and turns off the SELinux booleans of this part", () => {
      write("before", "haproxy rsyslog yes yes\nmonitoring exporter no no\nhost firewalld no no\n");
      write("booleans", "haproxy one\nmonitoring two\n");
      const { said } = at.run(`${systemctl("")}\nmkdir -p "$work"; : >"$work/staying"; : >"$work/verdicts"; echo monitoring >"$work/leaving-now"; echo 'monitoring destroy' >"$work/leaving"
        turn_off_booleans() { cat "$1"; }; forget_leaving_parts; cat "$root/before"`);
      expect(said).toContain("\nmonitoring two\nhaproxy rsyslog yes yes\nhost firewalld no no\n");
    });

    test.each([
      ["retain", "routing destroy\nkeepalived retain\n", "exchange-balancer-routing\n"],
      ["release", "routing destroy\nkeepalived release\n", "keepalived\nexchange-balancer-routing\n"],
    ])("if a part has its own removal policy, this policy replaces the host's policy %s for the part", (policy, leaving, stopped) => {
      write("manifest", "leave retain\npart haproxy\nservice haproxy\npart routing\nends destroy\nservice exchange-balancer-routing\npart keepalived\nservice keepalived\n");
      expect(at.run(`printf 'leave ${policy}\npart haproxy\nservice haproxy\n' >"$manifest"; find_leaving; cat "$work/leaving"; ending_services`).said).toBe(leaving + stopped);
    });

    test("if a part stays but no longer uses a service, the service keeps running, and is reloaded if the deploy removed one of the service's files", () => {
      write("manifest", "part haproxy\nservice rsyslog\nservice haproxy\n");
      const letGo = (removed: string, running: string): string[] => {
        const { said } = at.run(`${systemctl(running)}
          mkdir -p "$work"; manifest=$work/new; printf 'part haproxy\nservice haproxy\n' >"$manifest"; : >"$work/changed"; echo '${removed}' >"$work/removed"
          reload_rsyslog() { systemctl restart rsyslog; }; let_go_of_services`);
        return [...said.split("\n").filter((line) => line !== ""), ...calls().filter((call) => call.includes("restart"))];
      };
      expect(letGo("none /etc/logrotate.d/haproxy", "rsyslog")).toEqual([]);
      expect(letGo("rsyslog /etc/rsyslog.d/49-haproxy.conf", "other")).toEqual([]);
      expect(letGo("rsyslog /etc/rsyslog.d/49-haproxy.conf", "rsyslog")).toEqual(["[10.0.0.1] reloading rsyslog, which no longer has files of this library", "systemctl restart rsyslog"]);
    });

    test.each(["destroy", "retain"])("if a whole part is removed with the policy %s, the part's service is not reloaded, because the service's unit might be gone", (policy) => {
      write("manifest", "part haproxy\nservice haproxy\npart keepalived\nservice keepalived\n");
      const { status, said } = at.run(`${systemctl("keepalived")}
        printf 'leave ${policy}\npart haproxy\nservice haproxy\n' >"$manifest"; echo 'keepalived /etc/x' >"$work/changed"; : >"$work/removed"
        find_leaving; reload_keepalived() { echo reloaded; return 1; }; let_go_of_services`);
      expect([status, said]).toEqual([0, ""]);
    });

    test("when a host leaves, each of the host's own files that any earlier delivery replaced is restored, if no file exists at its path now", () => {
      write("original/etc/a/dropped.conf", "theirs\n");
      write("original/etc/a/edited.conf", "theirs\n");
      mkdirSync(path.join(at.root, "host/etc/a"), { recursive: true });
      writeFileSync(path.join(at.root, "host/etc/a/edited.conf"), "somebody's\n");
      at.run(`is_there() { [ -e "${at.root}/host$1" ]; }; put_in_place() { cp "$1" "${at.root}/host$2"; }; restore_dropped_originals`);
      expect(readFileSync(path.join(at.root, "host/etc/a/dropped.conf"), "utf8")).toBe("theirs\n");
      expect(readFileSync(path.join(at.root, "host/etc/a/edited.conf"), "utf8")).toBe("somebody's\n");
    });

    test.each([
      ["is stopped and disabled if it was neither running nor enabled before the first deploy", "host firewalld no no\n", ["stop firewalld", "disable --quiet firewalld"]],
      ["is stopped if it was enabled but not running before the first deploy", "host firewalld no yes\n", ["stop firewalld"]],
      ["keeps running if it ran before the first deploy", "host firewalld yes yes\n", []],
      ["keeps running if this library did not start it", "", []],
    ])("when the host leaves, firewalld %s", (_, before, expected) => {
      write("before", before);
      at.run(`${systemctl("firewalld")}\nfirewalld() { :; }\nfirewall_as_before`);
      expect(calls()).toEqual(expected.map((call) => `systemctl ${call}`));
    });

    test("when a host leaves, the services and openings of a part that was retained earlier are not touched", () => {
      write("before", "haproxy haproxy no no\nkeepalived keepalived no no\n");
      write("firewall", "haproxy tcp 443\nkeepalived vrrp from 10.0.0.2\nhost tcp 22\n");
      write("retained", "part keepalived\nservice keepalived\n");
      at.run(`${systemctl("haproxy keepalived firewalld")}
        firewalld() { printf 'firewalld %s\\n' "$*" >>${at.root}/calls; }
        firewall_as_before; services_as_before ""`);
      expect(calls().filter((call) => /disable|stop|remove/.test(call))).toEqual([
        "firewalld remove permanent tcp 443",
        "firewalld remove running tcp 443",
        "firewalld remove permanent tcp 22",
        "firewalld remove running tcp 22",
        "systemctl disable --quiet haproxy",
        "systemctl stop haproxy",
      ]);
    });
  });

  test.each([
    [["haproxy /etc/a", "none /etc/b"], ["rsyslog /etc/c"], "changed: wrote /etc/a, /etc/b; removed /etc/c"],
    [["haproxy /etc/a"], [], "changed: wrote /etc/a"],
    [[], ["haproxy /etc/a"], "changed: removed /etc/a"],
    [[], [], "changed: no files, only what is printed above"],
    [["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"].map((name) => `haproxy /${name}`), [], "changed: wrote /1, /2, /3, /4, /5, /6, /7, /8 and 2 more"],
  ])("a deploy's output ends with a list of the files that the deploy wrote or removed", (changed, removed, said) => {
    const list = (name: string, of: string[]): string => `: >"$work/${name}"; ${of.map((line) => `echo '${line}' >>"$work/${name}"`).join("; ")}`;
    expect(at.run(`mkdir -p "$work"; ${list("changed", changed)}\n${list("removed", removed)}\ntell_changes`).said).toBe(`[10.0.0.1] ${said}\n`);
  });

  test.each([
    ["0.0.0.0:514 rsyslogd", ""],
    ["", "[10.0.0.1] rsyslog does not listen on 127.0.0.1:514, so HAProxy's log lines are lost. Check that /etc/rsyslog.conf includes /etc/rsyslog.d/*.conf, and that no other program uses the port (ss -lunp). To log without rsyslog, set the prop logs.\n"],
    ["0.0.0.0:514 syslog-ng", "rsyslog does not listen on 127.0.0.1:514"],
  ])("a deploy warns about lost log lines only if rsyslog does not listen on 127.0.0.1:514 (ss prints %j)", (listens, said) => {
    const told = at.run(`sleep() { :; }; ss() { echo '${listens}'; }; sed() { echo 514; }; satisfied_rsyslog`);
    expect(told.status).toBe(0);
    if (said === "") expect(told.said).toBe("");
    else expect(told.said).toContain(said);
  });

  test("apply.sh calls the function for one program if this function exists (serves_a_b_c for a-b@c), and otherwise calls the general function", () => {
    expect(at.run('serves_a_b_c() { echo "own $1"; }; serves_any() { echo "any $1"; }\nhook serves a-b@c; hook serves other').said).toBe("own a-b@c\nany other\n");
  });

  test.each([
    ["ID=debian\nVERSION_ID=\"12\"", "debian 12", 0],
    ["ID=debian\nVERSION_ID=\"12\"", "debian 11", 1],
    ["ID=debian\nVERSION_ID=\"12\"", "redhat 12", 1],
    ["ID=almalinux\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"9.4\"", "redhat 9", 0],
    ["ID=almalinux\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"9.4\"", "redhat 8", 1],
    ["ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"22.04\"", "debian 22", 0],
    ["ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"22.04\"", "debian 22.04", 0],
    ["ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"", "debian 22.04", 1],
    ["ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"21.10\"", "debian 22.04", 1],
    ["ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"20.04\"", "debian 22.04", 1],
    ["ID=debian\nVERSION_ID=\"13\"", "debian 22.04", 1],
    ["ID=linuxmint\nID_LIKE=\"ubuntu debian\"\nVERSION_ID=\"22\"", "debian 22.04", 1],
    ["ID=arch", "debian 12", 1],
  ])("on a host with the os-release %j, the check of a profile for %s exits with %i (0: the profile fits, 1: the deploy stops)", (release, profile, status) => {
    writeFileSync(path.join(at.root, "os-release"), `${release}\n`);
    const outcome = at.run(`echo "os ${profile}" >"$manifest"; check_os`);
    expect(outcome.status).toBe(status);
    if (status === 1) expect(outcome.said).toMatch(/^\[10\.0\.0\.1\] FAILED: the node's prop os is for .*, but this host is .*\. Nothing was changed\. Set the node's prop os to this host's system\.\n$/);
  });

  test.each([
    ["ID=ubuntu\nID_LIKE=debian\nPRETTY_NAME=\"Ubuntu 22.10\"\nVERSION_ID=\"22.10\"", "debian 22.04", "Ubuntu 22.10"],
    ["ID=ubuntu\nID_LIKE=debian\nPRETTY_NAME=\"Ubuntu 23.10\"\nVERSION_ID=\"23.10\"", "debian 22.04", "Ubuntu 23.10"],
    ["ID=debian\nPRETTY_NAME=\"Debian GNU/Linux forky/sid\"", "debian 14", "Debian GNU/Linux forky/sid"],
  ])("a deploy warns about the release %j, and continues with the files of %s", (release, profile, system) => {
    writeFileSync(path.join(at.root, "os-release"), `${release}\n`);
    const outcome = at.run(`echo "os ${profile}" >"$manifest"; check_os`);
    expect(outcome.status).toBe(0);
    expect(outcome.said).toBe(`[10.0.0.1] the node's prop os is for version ${profile.split(" ")[1]}, and this host is ${system}. The library has no profile for this release, so the deploy continues with the files for version ${profile.split(" ")[1]}\n`);
  });

  test.each([
    ["HA-Proxy version 2.2.9-2+deb11u6 2023/12/09 - https://haproxy.org/", "2.2", 0],
    ["HAProxy version 2.6.12-1+deb12u4 2025/10/03 - https://haproxy.org/", "2.6", 0],
    ["HAProxy version 2.6.12-1+deb12u4 2025/10/03 - https://haproxy.org/", "2.6.12", 0],
    ["HAProxy version 2.6.12-1+deb12u4 2025/10/03 - https://haproxy.org/", "3.0", 1],
    ["HAProxy version 2.4.22", "2.10", 1],
    ["", "2.6", 1],
  ])('on a host with the HAProxy version "%s", the check of files for version %s exits with %i (0: the files fit, 1: the deploy stops)', (says, wanted, status) => {
    const outcome = at.run(`haproxy() { echo "${says}"; }\necho "version haproxy ${wanted}" >"$manifest"; check_versions`);
    expect(outcome.status).toBe(status);
    if (status === 1) expect(outcome.said).toMatch(/^\[10\.0\.0\.1\] FAILED: the files are for haproxy [\d.]+, but this host has [\w.]+\. Nothing was changed\. Set the node's prop os/);
  });

  test.each(["HAProxy version 3.20.1", "HAProxy version 3.0.11"])("a deploy with files for HAProxy 2.6 prints that the host's %s is newer, and continues", (says) => {
    const outcome = at.run(`haproxy() { echo "${says}"; }\necho "version haproxy 2.6" >"$manifest"; check_versions`);
    expect(outcome.status).toBe(0);
    expect(outcome.said).toMatch(/^\[10\.0\.0\.1\] the files are for haproxy 2\.6, and this host has the newer version [\d.]+\./);
  });

  test("a deploy continues if the host has the keepalived version that the files are for, and stops if the host has an older version", () => {
    expect(at.run('keepalived() { echo "Keepalived v2.2.7 (01/16,2022)" >&2; }\necho "version keepalived 2.2.7" >"$manifest"; check_versions').status).toBe(0);
    expect(at.run('keepalived() { echo "Keepalived v2.2.7 (01/16,2022)" >&2; }\necho "version keepalived 2.3.3" >"$manifest"; check_versions').status).toBe(1);
  });

  describe("apply.sh --drift, which searches for edits on a host", () => {
    const recordOf = (name: string, part: string): string => {
      const file = path.join(at.root, name);
      writeFileSync(file, "content\n");
      return at.run(`echo ${file} | fingerprints | sed 's,^\\([^ ]* [^ ]*\\),\\1 none ${part},'`).said;
    };
    const MANIFEST = "format 2\nlibrary 0.1.0\nos debian 12\npart haproxy\nsebool haproxy_connect_any\nopen tcp 443\nservice haproxy\n";
    /** Runs the shell code `lines` on an unedited host, and then apply.sh --drift. Returns exit status and output. */
    const drift = (lines = ""): { status: number; said: string } =>
      at.run(`uname() { echo lb01; }; packages_missing() { :; }; touch "$script"
        systemctl() {
          case "$1" in
            is-enabled) echo enabled ;;
            show) case "$*" in *FragmentPath*) echo /lib/haproxy.service ;; *) echo no ;; esac ;;
          esac
        }
        has_selinux() { false; }
        ${lines}
        drift`);

    test("apply.sh --drift prints each file that was edited or removed, and leaves out the files of retained parts", () => {
      write("manifest", MANIFEST);
      write("installed", ["same", "edited", "removed"].map((name) => recordOf(name, "haproxy")).join("") + recordOf("let-go", "keepalived"));
      write("retained", "part keepalived\n");
      writeFileSync(path.join(at.root, "edited"), "other\n");
      writeFileSync(path.join(at.root, "let-go"), "other\n");
      expect(drift("rm removed")).toEqual({ status: 3, said: `[lb01] ${at.root}/edited was edited\n[lb01] ${at.root}/removed was removed\n` });
    });

    test("if nothing was edited, apply.sh --drift prints that nothing has changed, and prints the library version of the last deploy", () => {
      write("manifest", MANIFEST);
      write("installed", recordOf("same", "haproxy"));
      write("units", "haproxy /lib/haproxy.service\n");
      expect(drift()).toEqual({ status: 0, said: "[lb01] nothing has changed since the deploy by version 0.1.0 of the library\n" });
    });

    test("if no delivery to the host has finished, apply.sh --drift prints that no deploy has finished", () => {
      expect(drift()).toEqual({
        status: 3,
        said: "[lb01] no deploy to this host has finished. Deploy; if the plan shows no change, set the prop redeliver to another text.\n",
      });
    });

    test.each([
      ["a service that does not run", "systemctl() { case $1 in is-active) echo failed; return 3 ;; is-enabled) echo enabled ;; show) echo no ;; esac; }", "haproxy is not running (failed)"],
      ["a service that is not enabled", "systemctl() { case $1 in is-enabled) case $2 in haproxy) echo disabled ;; *) echo enabled ;; esac ;; show) echo no ;; esac; }", "haproxy is not enabled (disabled)"],
      [
        "a unit file that did not exist at the last deploy",
        'echo "haproxy /lib/haproxy.service" >"$root/units"; unit_files_of() { printf "/lib/haproxy.service\\n/etc/mine.conf\\n"; }',
        "haproxy has a unit file that did not exist at the last deploy: /etc/mine.conf",
      ],
      ["a changed unit file that systemd has not read since the change", "systemctl() { case $1 in is-enabled) echo enabled ;; show) echo yes ;; esac; }", "haproxy: systemd has not read its changed unit files"],
      ["a package that was removed", "packages_missing() { echo rsyslog; }", "package rsyslog was removed"],
      ["an SELinux boolean that is off", "has_selinux() { :; }; getsebool() { echo '$1 --> off'; }", "SELinux: haproxy_connect_any is off"],
      ["a port that is closed in the firewall", 'echo "firewall firewalld 22" >>"$root/manifest"; echo dmz >"$root/zone"; ask_zone() { return 1; }; firewalld() { echo "b false"; }', "firewall: tcp 443 in dmz is not open (permanent)"],
      ["a port, if firewalld does not say whether the port is open", 'echo "firewall firewalld 22" >>"$root/manifest"; ask_zone() { return 1; }; firewalld() { return 1; }', "firewall: firewalld does not say whether tcp 443 is open (running)"],
      [
        "a CA that the host does not trust",
        `printf 'file 0644 trust ${"$"}{PWD}/ca.crt\\n' >/dev/null; distrusted() { echo /ca.crt; }`,
        "/ca.crt is not among the CAs that this host trusts",
      ],
    ])("apply.sh --drift reports %s", (_, lines, said) => {
      write("manifest", MANIFEST);
      const outcome = drift(lines);
      expect(outcome.said).toContain(`[lb01] ${said}\n`);
      expect(outcome.status).toBe(3);
    });
  });

  describe("the answers of a node on the pair port", () => {
    const answer = (language: string, generation: number): string => `host 10.0.0.1\nlanguage ${language}\nconfig other\ngeneration ${generation}\n`;
    /**
     * What a delivery writes into this node's new answer on the pair port: the VRRP settings (`language`) and the
     * generation number. `now` is this node's present answer, and `theirs` is the other node's present answer. The last
     * line of the output says whether the VRRP settings change.
     */
    const stamped = (now: string, theirs = "", lines = ""): { status: number; said: string } => {
      write("now", now);
      write("theirs", theirs);
      return at.run(`pair_answer=$root/now; pair_file=/pair; stage=$work/stage; mkdir -p "$stage$root" "$stage/etc/keepalived"
        printf 'host 10.0.0.1\\n' >"$stage$pair_answer"
        printf 'peer 10.0.0.2\\nport 8405\\naddress 10.0.0.5/24\\nlanguage VRRPv3\\n' >"$stage$pair_file"
        : >"$work/files"
        ask_peer() { cat "$root/theirs"; }; date() { echo 1000; }; ip() { echo '2: eth0 inet 10.0.0.5/24 scope'; }; systemctl() { :; }
        ${lines}
        stamp_pair; sed -n 's/^\\(generation\\|language\\) //p' "$stage$pair_answer"; echo "$language_changes"`);
    };

    test("a delivery with changes gets a generation number that is 1 above the highest of this node's number, the other node's number and the current time", () => {
      expect(stamped(answer("old", 5)).said).toMatch(/\n1001\n/);
      expect(stamped(answer("old", 2000), answer("old", 7)).said).toMatch(/\n2001\n/);
      expect(stamped(answer("old", 5), answer("old", 3000)).said).toMatch(/\n3001\n/);
    });

    test("after a delivery without changes, the node answers with the same generation number as before, and its VRRP settings are unchanged", () => {
      const first = stamped("", "", "ip() { :; }").said;
      const kept = at.run('sed "s/^generation .*/generation 77/" "$work/stage$root/now"').said;
      expect(first).toMatch(/\n1001\n/);
      expect(stamped(kept).said).toMatch(/^[0-9a-f]{16}\n77\nno\n$/);
    });

    test('after a change of the VRRP settings, the node that holds the address answers "changing" until keepalived uses the new settings, and the other node answers with the new settings immediately', () => {
      expect(stamped(answer("old", 5)).said).toBe("changing\n1001\nyes\n");
      expect(stamped(answer("old", 5), "", "ip() { :; }").said).toMatch(/^[0-9a-f]{16}\n1001\nyes\n$/);
    });

    test.each<[string, string, boolean]>([
      ["refuses the deploy if this host holds the address and the other node serves clients without this library, because both nodes might hold the address afterwards", "", true],
      ["accepts the deploy if this host does not hold the address", "held_addresses() { :; }", false],
      ["accepts the deploy if the other node answers on the pair port", "ask_peer() { echo host lb01; }", false],
      ["accepts the deploy if the other node does not serve HTTPS", "accepts_https() { return 1; }", false],
      ["accepts the deploy if this host was already in a pair of this library", "was_pair=yes", false],
      ["accepts the deploy if no keepalived runs on this host, because then no running keepalived gets other VRRP settings", "language_changes=no", false],
      ["accepts the deploy if keepalived.conf does not change", "cmp() { :; }", false],
    ])("the check for a keepalived pair that was set up by hand %s", (_, lines, refuses) => {
      write("pair", "peer 10.0.0.2\nport 8405\naddress 10.0.0.5/24\n");
      const { said, status } = at.run(`stage=; pair_file=$root/pair; language_changes=yes; was_pair=no
        held_addresses() { echo 10.0.0.5; }; ask_peer() { :; }; accepts_https() { [ "$1" = 10.0.0.2 ]; }
        ${lines}
        check_old_pair; echo went on`);
      expect([status, said]).toEqual(refuses
        ? [1, "[10.0.0.1] FAILED: this host holds 10.0.0.5, and the other node, 10.0.0.2, serves clients without this library. If the keepalived on 10.0.0.2 has other VRRP settings than your props, both nodes would hold the address after this deploy. Nothing was changed. Move the address to 10.0.0.2 first (docs/adopting.md, section \"If the backup node holds the address\"), or, if no keepalived runs on 10.0.0.2, stop the haproxy on 10.0.0.2. Then deploy again.\n"]
        : [0, "went on\n"]);
    });

    test.each([
      ["counts as held if ARP finds a host with this address", "10.0.0.5 lladdr 02:00:00:00:00:01 REACHABLE", "a host that answers neither on the pair port nor on port 443 (check its firewall)\n"],
      ["counts as free if ARP finds no host with this address", "10.0.0.5 FAILED", ""],
      ["counts as free if ARP was not used", "", ""],
    ])("a virtual address that does not answer on any port %s", (_, neighbour, expected) => {
      const { said } = at.run(`pair_file=$root/pair; mkdir -p "$root"; printf 'interface eth0\nport 8405\n' >"$pair_file"
        timeout() { return 124; }; ip() { case "$*" in "neigh show to 10.0.0.5 dev eth0") echo '${neighbour}' ;; esac; }
        asked_holder 10.0.0.5`);
      expect(said).toBe(expected);
    });

    /**
     * What a deploy prints about the virtual address. `began` says whether the deploy started keepalived. `preferred` is
     * the address for which this node is the preferred node. If `comes`, this node gets the address while the deploy
     * waits.
     */
    const told = (began: string, preferred: string, comes: boolean): string => {
      write("manifest", "service keepalived\n");
      write("pair", "address 10.0.0.5\npeer 10.0.0.2\nport 8405\n");
      return at.run(`manifest=$root/manifest; pair_file=$root/pair; pair_check=true; host=lb01; was_pair=no; vrrp_began=${began}; awk_preferred_addresses='BEGIN { print "${preferred}" }'
        : >"$work/asked"; sleep() { :; }; holds_it_too() { return 1; }; date() { wc -l <"$work/asked"; }
        asked_holder() { echo >>"$work/asked"; echo lb02; }
        held_addresses() { ${comes ? '[ "$(wc -l <"$work/asked")" -lt 3 ] || echo 10.0.0.5' : ":"}; }
        awk() { echo ${preferred}; }
        tell_holders`).said;
    };

    test("a deploy waits for an address to move here from the other node only if the deploy started keepalived and this node is the preferred node for the address", () => {
      expect(told("yes", "10.0.0.5", true)).toBe("[lb01] 10.0.0.5 is held by this host\n");
      expect(told("no", "10.0.0.5", true)).toBe("[lb01] 10.0.0.5 is held by lb02\n");
      expect(told("yes", "10.0.0.6", true)).toBe("[lb01] 10.0.0.5 is held by lb02\n");
    });

    test("a deploy waits at most 20 s until this node holds the address", () => {
      expect(told("yes", "10.0.0.5", false)).toBe("[lb01] 10.0.0.5 is held by lb02\n");
    });

    test("after a change of the VRRP settings, a node restarts keepalived unless this node holds all addresses of the pair", () => {
      const shares = (held: string): string =>
        at.run(`mkdir -p "$root/previous"; pair_file=/pair; printf 'address 10.0.0.5\\naddress 10.0.0.6\\n' >"$root/previous/pair"; cp "$root/previous/pair" "$root/pair"
          pair_addresses() { sed -n 's/^address //p' "$root/previous/pair"; }; ip() { printf '${held}'; }
          if shares_addresses; then echo yes; else echo no; fi`).said;
      expect(shares(" 10.0.0.5/24 x\\n 10.0.0.6/24 x\\n")).toBe("no\n");
      expect(shares(" 10.0.0.5/24 x\\n")).toBe("yes\n");
      expect(shares("")).toBe("yes\n");
    });
  });

  describe("a delivery by another version of the library", () => {
    const library = (theirs: string, ours: string): { status: number; said: string } => {
      write("manifest", theirs);
      return at.run(`printf '${ours}' >"$manifest"; check_library; echo went on`);
    };

    test("if the last deploy used another library version, a deploy prints both versions, and stops if it cannot read the records of the last deploy", () => {
      expect(library("format 2\nlibrary 0.1.0\n", "format 2\\nlibrary 0.1.0\\n").said).toBe("went on\n");
      expect(library("format 2\nlibrary 0.9.0\n", "format 2\\nlibrary 0.10.0\\n").said).toBe("[10.0.0.1] this deploy uses version 0.10.0 of the library; the last deploy used version 0.9.0\nwent on\n");
      expect(library("format 2\nlibrary 0.10.0\n", "format 2\\nlibrary 0.9.0\\n").said).toBe("[10.0.0.1] this deploy uses version 0.9.0 of the library, which is older than the version of the last deploy (0.10.0)\nwent on\n");
      expect(library("format 3\nlibrary 1.0.0\n", "format 2\\nlibrary 0.9.0\\n")).toEqual({
        status: 1,
        said: "[10.0.0.1] FAILED: the last deploy to this host used version 1.0.0 of the library, and version 0.9.0 cannot read the records of that deploy. Nothing was changed. Deploy with version 1.0.0 or newer.\n",
      });
    });
  });

  test("a deploy stops if a service does not load its standard file, and at a first deploy the message says to move the configuration", () => {
    const refusal = (service: string, loaded: string, before: string): string =>
      at.run(`rm -f "$root/manifest"; conf=/etc/${service}.cfg; set_by() { echo ", which comes from $1's unit"; }; ${before}; loads_other ${service} '${loaded}'`).said;
    expect(refusal("haproxy", "/etc/mine.cfg", ": >\"$root/manifest\"")).toBe(
      "[10.0.0.1] FAILED: haproxy.service loads /etc/mine.cfg instead of /etc/haproxy.cfg, which comes from haproxy's unit. Nothing was changed. Remove that setting, run systemctl daemon-reload, restart haproxy in a maintenance window, and deploy again.\n");
    expect(refusal("keepalived", "/etc/mine.conf", ":")).toBe(
      "[10.0.0.1] FAILED: keepalived.service loads /etc/mine.conf instead of /etc/keepalived.cfg, which comes from keepalived's unit. Nothing was changed. Do not only remove that setting: /etc/keepalived.cfg might be the package's example. Move your configuration to /etc/keepalived.cfg first (docs/adopting.md, A service that loads another file), and deploy again.\n");
    expect(refusal("haproxy", "", ":")).toContain("haproxy.service loads no file instead of /etc/haproxy.cfg");
  });

  describe("the host's limits for maxconn", () => {
    const checked = (maxconn: number, { limit = "524288", raises = false, memory = 8_000_000, range = "32768\\t60999", servers = ["10.0.0.1"] } = {}): string =>
      at.run(`conf=/etc/haproxy/haproxy.cfg
        mkdir -p "$stage/etc/haproxy"
        printf '%s\n' global '    maxconn ${maxconn}' 'frontend fe_exch2019' '    maxconn ${maxconn}' '    bind *:443 ssl crt x' '    default_backend be_owa' 'backend be_owa' ${servers.map((server) => `'    server a ${server}:443 check ssl verify required'`).join(" ")} >"$stage$conf"
        systemctl() { echo '${limit}'; }
        may_open() { ${raises}; }
        kernel_says() { case "$1" in fs/nr_open) echo 1048576 ;; *) printf '${range}\n' ;; esac; }
        memory_kb() { echo ${memory}; }
        check_capacity
        echo went on`).said.replace(/\[10[.]0[.]0[.]1\] /g, "");

    test("a deploy accepts the default maxconn without a message", () => expect(checked(4000)).toBe("went on\n"));
    test.each(["infinity", "18446744073709551615", ""])("if systemd's limit of open files is %j, the kernel's limit applies", (limit) => expect(checked(10_000, { limit })).toBe("went on\n"));
    test("a deploy accepts a low limit of open files if HAProxy can raise this limit itself", () => expect(checked(10_000, { limit: "1024", raises: true })).toBe("went on\n"));
    test("a maxconn that needs more open files than haproxy may have is refused before anything changes", () =>
      expect(checked(10_000, { limit: "16384" })).toBe(
        "FAILED: maxconn 10000 needs 20101 open files, but haproxy can open only 16384 on this host. Nothing was changed. Lower maxconn, or raise LimitNOFILE of haproxy.service (at most fs.nr_open, 1048576), and deploy again.\n"));
    test("a maxconn that needs more memory than the host has is refused before anything changes", () =>
      expect(checked(200_000, { memory: 8_000_000 })).toBe(
        "FAILED: maxconn 200000 needs 9765 MB of memory when all connections are open (50 kB each), but this host has only 7812 MB. Nothing was changed. Lower maxconn, or give the host more memory, and deploy again.\n"));
    test("with two members, a deploy warns if maxconn exceeds the number of source ports that remain while one member is down", () => {
      const two = { servers: ["10.12.8.21", "10.12.8.22"] };
      expect(checked(28_232, two)).toBe("went on\n");
      expect(checked(28_233, two)).toBe(
        "fe_exch2019 accepts 28233 connections, but this host has only 28232 source ports to each of the frontend's 2 servers, so connections beyond 28232 fail while one server is down. Widen net.ipv4.ip_local_port_range, or add members\nwent on\n");
    });
    test("with only one member, a deploy warns if maxconn exceeds the number of source ports for connections to this member", () => {
      expect(checked(28_232)).toBe("went on\n");
      expect(checked(28_233)).toBe(
        "fe_exch2019 accepts 28233 connections, but this host has only 28232 source ports to each of the frontend's 1 servers, so connections beyond 28232 fail. Widen net.ipv4.ip_local_port_range, or add members\nwent on\n");
      expect(checked(28_233, { range: "1024\\t65535" })).toBe("went on\n");
    });
  });
});
