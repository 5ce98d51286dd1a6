import { readFileSync, readdirSync } from "node:fs";
import * as path from "node:path";
import { AWKS, decide, lines } from "./awks";

// What the host decides with awk, by itself: texts in, decisions out.

const FIXTURES = path.join(__dirname, "fixtures");
const fixture = (name: string): string => readFileSync(path.join(FIXTURES, name), "utf8");

test("this machine has at least one awk for these tests", () => {
  expect(AWKS.length).toBeGreaterThan(0);
});

describe.each(AWKS.map((awk) => [awk.join(" "), awk] as const))("the awk scripts of a deploy, run by %s", (_, awk) => {
  describe("changes.awk", () => {
    const now = lines(`
      aaa 644:0:0 /etc/same
      bbb 644:0:0 /etc/other-content
      ccc 666:0:0 /etc/other-mode
      ddd 644:8:0 /etc/other-owner
      eee 644:0:0 /etc/edited
      fff 644:0:0 /etc/no-longer`);
    const wanted = lines(`
      aaa 644:0:0 /etc/same
      zzz 644:0:0 /etc/other-content
      ccc 644:0:0 /etc/other-mode
      ddd 644:0:0 /etc/other-owner
      eee 644:0:0 /etc/edited
      ggg 644:0:0 /etc/new`);
    const files = lines(`
      haproxy haproxy /etc/same
      haproxy haproxy /etc/other-content
      rsyslog haproxy /etc/other-mode
      trust haproxy /etc/other-owner
      none haproxy /etc/edited
      haproxy haproxy /etc/new`);
    const before = lines(`
      aaa 644:0:0 haproxy haproxy /etc/same
      bbb 644:0:0 haproxy haproxy /etc/other-content
      ccc 666:0:0 rsyslog haproxy /etc/other-mode
      ddd 644:8:0 trust haproxy /etc/other-owner
      e00 644:0:0 none haproxy /etc/edited
      fff 644:0:0 haproxy haproxy /etc/no-longer`);
    const decided = (inputs: { now?: string; wanted?: string; before?: string; leaving?: string; files?: string }): string[] =>
      decide(awk, "changes", [inputs.now ?? now, inputs.wanted ?? wanted, inputs.before ?? before, inputs.leaving ?? "", inputs.files ?? files]);

    test("changes.awk reports missing and different files as changed at a first deploy, and reports no file as edited", () => {
      expect(decided({ before: "" })).toEqual([
        "changed haproxy /etc/other-content",
        "changed rsyslog /etc/other-mode",
        "changed trust /etc/other-owner",
        "changed haproxy /etc/new",
      ]);
    });

    test("at a later deploy, changes.awk reports an edited file as edited, and reports a file that is not delivered any more as removed", () => {
      expect(decided({})).toEqual([
        "changed haproxy /etc/other-content",
        "changed rsyslog /etc/other-mode",
        "changed trust /etc/other-owner",
        // Edited to what is wanted now: nothing to write, but somebody should know.
        "edited /etc/edited",
        "changed haproxy /etc/new",
        "removed haproxy /etc/no-longer",
      ]);
    });

    test("if somebody removed a delivered file, changes.awk reports the file both as edited and as changed, so that the deploy writes the file again", () => {
      expect(decided({ now: "", before: "aaa 644:0:0 haproxy haproxy /etc/same\n", wanted: "aaa 644:0:0 /etc/same\n", files: "haproxy haproxy /etc/same\n" })).toEqual([
        "edited /etc/same",
        "changed haproxy /etc/same",
      ]);
    });

    const both = lines(`
      aaa 644:0:0 haproxy haproxy /etc/same
      hhh 600:0:0 keepalived keepalived /etc/keepalived/vrrp.auth
      iii 644:0:0 systemd keepalived /etc/shared`);
    const stays = { before: both, now: "aaa 644:0:0 /etc/same\n", wanted: "aaa 644:0:0 /etc/same\n", files: "haproxy haproxy /etc/same\n" };

    test.each([
      ["destroy", ["returned keepalived /etc/keepalived/vrrp.auth", "returned systemd /etc/shared"]],
      ["release", ["kept hhh 600:0:0 keepalived keepalived /etc/keepalived/vrrp.auth", "kept iii 644:0:0 systemd keepalived /etc/shared"]],
      ["retain", ["kept hhh 600:0:0 keepalived keepalived /etc/keepalived/vrrp.auth", "kept iii 644:0:0 systemd keepalived /etc/shared"]],
    ])("if a part is removed with the policy %s, changes.awk prints for each of the part's files whether the host's own file returns or the part's file stays", (policy, decisions) => {
      expect(decided({ ...stays, leaving: `keepalived ${policy}\n` })).toEqual(decisions);
    });

    test("changes.awk does not remove a file of a removed part if another part now delivers the same file", () => {
      expect(decided({ ...stays, leaving: "keepalived destroy\n", files: lines("haproxy haproxy /etc/same\nsystemd haproxy /etc/shared"), now: lines("aaa 644:0:0 /etc/same\niii 644:0:0 /etc/shared"), wanted: lines("aaa 644:0:0 /etc/same\niii 644:0:0 /etc/shared") })).toEqual([
        "returned keepalived /etc/keepalived/vrrp.auth",
      ]);
    });

    test("changes.awk prints nothing for empty input", () => {
      expect(decided({ now: "", wanted: "", before: "", files: "" })).toEqual([]);
    });
  });

  test("by-part.awk prints each part's manifest lines that begin with the given word, and leaves out the host's own lines", () => {
    const manifest = lines(`
      format 2
      package firewalld
      part haproxy
      package haproxy
      open tcp 443 from 10.0.0.0/8
      part keepalived
      package keepalived
      packages-are-something-else x`);
    expect(decide(awk, "by-part", [manifest], ["-v", "word=package"])).toEqual(["haproxy haproxy", "keepalived keepalived"]);
    expect(decide(awk, "by-part", [manifest], ["-v", "word=open"])).toEqual(["haproxy tcp 443 from 10.0.0.0/8"]);
  });

  describe("the processes that listen on a port", () => {
    const ss = lines(`
      LISTEN 0 4096 0.0.0.0:443 0.0.0.0:* users:(("haproxy",pid=812,fd=9),("haproxy",pid=790,fd=9))
      LISTEN 0 4096 [::]:443 [::]:* users:(("haproxy",pid=812,fd=10))
      LISTEN 0 128 *:8443 *:* users:(("java",pid=5,fd=1))
      LISTEN 0 128 127.0.0.1:8404 0.0.0.0:* users:(("a \\"b\\"",pid=6,fd=1))
      LISTEN 0 128 10.0.0.1:25 0.0.0.0:*`);

    test("listeners.awk prints each process that listens on a given port, in IPv4 and IPv6, and ignores similar port numbers", () => {
      expect(decide(awk, "listeners", ["443\n25\n", ss])).toEqual(["443 812 haproxy", "443 790 haproxy", "443 812 haproxy"]);
      expect(decide(awk, "listeners", ["", ss])).toEqual([]);
    });

    test("unserved.awk lists each port on which no new process listens", () => {
      const ports = "443\n25\n";
      expect(decide(awk, "unserved", ["none\n", lines("443 1 haproxy\n25 1 haproxy"), ports])).toEqual([]);
      // The old worker listens on where the new one failed.
      expect(decide(awk, "unserved", ["none\npid=1\n", lines("443 1 haproxy\n25 1 haproxy"), ports])).toEqual(["443", "25"]);
      expect(decide(awk, "unserved", ["none\npid=1\n", lines("443 1 haproxy\n443 2 haproxy\n25 1 haproxy"), ports])).toEqual(["25"]);
      expect(decide(awk, "unserved", ["none\n", "", ports])).toEqual(["443", "25"]);
    });
  });

  describe("unit-arguments.awk", () => {
    const words = (variables: string, start: string): string[] => decide(awk, "unit-arguments", [lines(variables), `${start}\n`]);

    test("unit-arguments.awk prints the arguments of a unit's program, without the program itself", () => {
      expect(words("", "/usr/sbin/haproxy -Ws -f /etc/haproxy/haproxy.cfg")).toEqual(["-Ws", "-f", "/etc/haproxy/haproxy.cfg"]);
    });

    test("unit-arguments.awk splits a variable's value into words only if the variable is a word by itself, as systemd does", () => {
      const variables = "CONFIG=/etc/haproxy/haproxy.cfg\nOPTIONS=-f /etc/haproxy/conf.d -dr\nEMPTY=";
      expect(words(variables, "/usr/sbin/haproxy -f $CONFIG $OPTIONS $EMPTY $UNKNOWN -p ${CONFIG}.pid-${CONFIG}")).toEqual([
        "-f", "/etc/haproxy/haproxy.cfg", "-f", "/etc/haproxy/conf.d", "-dr", "-p", "/etc/haproxy/haproxy.cfg.pid-/etc/haproxy/haproxy.cfg",
      ]);
    });

    test("unit-arguments.awk accepts a value that contains the character =", () => {
      expect(words("A=b=c", "/bin/x $A")).toEqual(["b=c"]);
    });
  });

  test.each([
    ["-Ws -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid -S /run/haproxy-master.sock", "-f /etc/haproxy/haproxy.cfg"],
    ["-Ws -f /etc/haproxy/haproxy.cfg -f /etc/haproxy/conf.d -p /run/haproxy.pid", "-f /etc/haproxy/haproxy.cfg -f /etc/haproxy/conf.d"],
    ["-W -db -q -V -D -x sockpair@4 -f a -dr -L name", "-f a -dr -L name"],
  ])("of the arguments %s, loaded-arguments.awk prints only those that load files", (all, loaded) => {
    expect(decide(awk, "loaded-arguments", [all.split(" ").map((word) => `${word}\n`).join("")])).toEqual(loaded.split(" "));
  });

  describe("members.awk", () => {
    const answer = (rows: string): string =>
      `Name: HAProxy\nPid: 812\n\n# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration\n${rows}\n`;
    const row = (server: string, status: string, weight: number, check: string, code = ""): string =>
      `be_exch2019_owa,${server},0,0,0,0,,0,0,0,,0,,0,0,0,0,${status},${weight},1,0,0,0,1,0,,1,2,1,,0,,2,0,,0,${check},${code},1,`;

    test.each([
      ["UP", 75, "L7OK", "200", "be_exch2019_owa exch01 UP L7OK"],
      ["UP 1/3", 75, "L7STS", "503", "be_exch2019_owa exch01 UP L7STS/503"],
      ["UP", 0, "L7OK", "200", "be_exch2019_owa exch01 DRAIN L7OK"],
      ["DOWN", 75, "L4CON", "", "be_exch2019_owa exch01 DOWN L4CON"],
      ["DOWN 1/2", 75, "* L7TOUT", "", "be_exch2019_owa exch01 DOWN L7TOUT"],
      ["MAINT", 75, "", "", "be_exch2019_owa exch01 MAINT unchecked"],
      ["UP", 75, "INI", "", "be_exch2019_owa exch01 UP unchecked"],
      ["no check", 75, "", "", "be_exch2019_owa exch01 no unchecked"],
    ])("members.awk translates status \"%s\", weight %d, check status \"%s\" and check code \"%s\" to: %s", (status, weight, check, code, said) => {
      expect(decide(awk, "members", [answer(row("exch01", status, weight, check, code))], ["-F,"])).toEqual([said]);
    });

    test("members.awk ignores the servers of other hosts and of the user's own backends, so that these servers stop no deploy", () => {
      const other = (backend: string): string => row("x", "DOWN", 1, "L4CON").replace("be_exch2019_owa", backend);
      expect(decide(awk, "members", [answer([other("be_other_portal"), other("be_acme"), other("portal"), other("xbe_exch2019_owa")].join("\n"))], ["-F,"])).toEqual([]);
    });

    test("members.awk ignores rows of frontends and backends, and incomplete lines", () => {
      expect(decide(awk, "members", [answer([row("FRONTEND", "OPEN", 0, ""), row("BACKEND", "UP", 0, ""), "be_exch2019_owa,exch01,0"].join("\n"))], ["-F,"])).toEqual([]);
      expect(decide(awk, "members", [""], ["-F,"])).toEqual([]);
    });

    test.each(readdirSync(FIXTURES).filter((name) => name.startsWith("show-stat-")))("for the statistics in %s, which are a real answer of HAProxy, members.awk prints that all members are up", (name) => {
      const members = decide(awk, "members", [fixture(name)], ["-F,"]);
      expect(members).toContain("be_exch2019_imap exch02 UP L7OK");
      expect(members.map((line) => line.split(" ").slice(1).join(" "))).toEqual(Array(10).fill(["exch01 UP L7OK", "exch02 UP L7OK"]).flat());
    });
  });

  describe("servers-in-words.awk", () => {
    const HEAD = "# pxname,svname,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,status,weight,p,q,r,s,t,u,v,w,x,y,z,check_status,check_code,last_chk";
    const row = (backend: string, server: string, status: string, check: string, code = "", words = "", weight = 75): string =>
      `be_exch2019_${backend},${server},${",".repeat(15)}${status},${weight},,,,,,,,,,,,${check},${code},${words}`;
    const told = (...rows: string[]): string[] => decide(awk, "servers-in-words", [`Pid: 812\n\n${HEAD}\n${rows.join("\n")}\n`], ["-F,"]);
    const MEANT = "If it is meant to be down, set its state to MemberState.MAINTENANCE.";

    test("servers-in-words.awk prints one line with all members that are up", () => {
      expect(told(row("owa", "exch01", "UP", "L7OK"), row("owa", "exch02", "UP 1/3", "L7STS", "503"), row("smtp", "exch01", "no check", ""))).toEqual(["exch01, exch02: up"]);
    });

    test.each([
      ["L4CON", "", "No route to host at initial connection step of tcp-check", "no route to host", "Is it on, and does every firewall in between let this host in?"],
      ["L4CON", "", "Connection refused", "connection refused", "Is it on, and does every firewall in between let this host in?"],
      ["* L4TOUT", "", " at initial connection step of tcp-check", "no answer", "Is it on, and does every firewall in between let this host in?"],
      ["L6RSP", "", '"SSL handshake failure (error:0A000086, certificate verify failed)"', "TLS failed: SSL handshake failure (error:0A000086", "Its certificate must fit rootCas and verifyName: certificate-check on this host compares them."],
      ["L7STS", "503", "Service Unavailable", "its health page answers 503", "Exchange itself says so: Get-ServerComponentState and Get-ServerHealth on that server."],
      ["L7TOUT", "", "", "no answer to the health check", "It accepts connections, but fails the check: look at its services."],
      ["SOCKERR", "", "", "SOCKERR", "It accepts connections, but fails the check: look at its services."],
    ])("servers-in-words.awk explains the check result %s/%s in words", (check, code, words, why, remedy) => {
      expect(told(row("owa", "exch01", "DOWN", check, code, words), row("ecp", "exch01", "DOWN", check, code, words))).toEqual([`exch01: DOWN (${why}). ${remedy} ${MEANT}`]);
    });

    test("servers-in-words.awk prints one line for each reason why a member is down, with the backends to which this reason applies", () => {
      expect(told(row("owa", "exch01", "UP", "L7OK"), row("owa", "exch02", "DOWN", "L7STS", "503"), row("ecp", "exch02", "DOWN", "L7STS", "503"), row("imap", "exch02", "DOWN", "L4CON"), row("smtp", "exch02", "UP", "L7OK"))).toEqual([
        "exch01: up",
        `exch02: DOWN for owa ecp (its health page answers 503). Exchange itself says so: Get-ServerComponentState and Get-ServerHealth on that server. ${MEANT}`,
        `exch02: DOWN for imap (no connection). Is it on, and does every firewall in between let this host in? ${MEANT}`,
      ]);
    });

    test("servers-in-words.awk prints a remedy for a member whose name has no address, and no remedy for a member that is drained or in maintenance", () => {
      expect(told(row("owa", "exch01", "MAINT", ""), row("owa", "exch02", "UP", "L7OK", "200", "", 0), row("owa", "exch03", "MAINT (resolution)", ""))).toEqual([
        "exch01: in maintenance",
        "exch02: drained: it gets no new sessions",
        `exch03: DOWN (its name has no address). Look the name up on this host. ${MEANT}`,
      ]);
    });

    test.each(readdirSync(FIXTURES).filter((name) => name.startsWith("show-stat-")))("for the statistics in %s, which are a real answer of HAProxy, servers-in-words.awk prints that all members are up", (name) => {
      expect(decide(awk, "servers-in-words", [fixture(name)], ["-F,"])).toEqual(["exch01, exch02: up"]);
    });
  });

  describe("awaited.awk", () => {
    const awaited = (served: string, before: string, now: string): string[] => decide(awk, "awaited", [lines(before), lines(now)], ["-v", `served=${served}`]);

    test("awaited.awk waits for a member that was up before the reload and is down after the reload", () => {
      expect(awaited("yes", "be exch01 UP L7OK", "be exch01 DOWN L7TOUT")).toEqual(["lost be exch01 L7TOUT"]);
      expect(awaited("yes", "be exch01 UP L7OK", "be exch01 UP L7OK")).toEqual([]);
    });

    test("if a member was down before the reload, awaited.awk waits until HAProxy has checked this member again, but not until the member is up", () => {
      expect(awaited("yes", "be exch01 DOWN L4CON", "be exch01 DOWN L4CON")).toEqual([]);
      expect(awaited("yes", "be exch01 DOWN L4CON", "be exch01 UP unchecked")).toEqual(["unchecked be exch01 unchecked"]);
    });

    test("if HAProxy had not checked a member before the reload, awaited.awk does not wait for this member, even if the member is down after the reload", () => {
      expect(awaited("yes", "be exch01 UP unchecked", "be exch01 DOWN L4CON")).toEqual([]);
    });

    test("awaited.awk waits for a new backend if all members of the backend are down, but not at a first deploy", () => {
      expect(awaited("yes", "other exch01 UP L7OK", "new exch01 DOWN L4CON\nnew exch02 UP L7OK")).toEqual([]);
      expect(awaited("yes", "other exch01 UP L7OK", "new exch01 DOWN L4CON\nnew exch02 DOWN L4TOUT")).toEqual(["lost new exch01 L4CON", "lost new exch02 L4TOUT"]);
      expect(awaited("no", "", "new exch01 DOWN L4CON")).toEqual([]);
    });

    test("awaited.awk waits for a new member of a known backend, but not for a member in maintenance, and not at a first deploy", () => {
      expect(awaited("yes", "be exch01 UP L7OK", "be exch01 UP L7OK\nbe exch03 DOWN L4TOUT")).toEqual(["lost be exch03 L4TOUT"]);
      expect(awaited("yes", "be exch01 UP L7OK", "be exch01 UP L7OK\nbe exch03 MAINT unchecked")).toEqual([]);
      expect(awaited("no", "", "be exch03 DOWN L4TOUT")).toEqual([]);
      // Nobody could say which members were there before.
      expect(awaited("yes", "", "be exch01 UP L7OK\nbe exch02 DOWN L4CON")).toEqual([]);
    });

    test("servers.awk lists Exchange servers with a weight above 0 that are not disabled", () => {
      expect(decide(awk, "servers", [lines("frontend fe\n bind *:443\nbackend portal\n server p 10.0.0.9:80\nbackend be_exch2019_x\n balance roundrobin\n server exch01 10.0.0.1:443 weight 75 check\n server exch02 mail.local:25 weight 0 check\n server exch03 10.0.0.3:443 weight 1 disabled check\n")])).toEqual([
        "be_exch2019_x exch01 10.0.0.1 443",
      ]);
    });

    test("awaited.awk does not wait for a drained member or a member in maintenance", () => {
      expect(awaited("yes", "be exch01 UP L7OK\nbe exch02 UP L7OK", "be exch01 MAINT unchecked\nbe exch02 DRAIN L7OK")).toEqual([]);
    });

    test("awaited.awk waits for no member if HAProxy gave no statistics after the reload", () => {
      expect(awaited("yes", "be exch01 UP L7OK", "")).toEqual([]);
    });

    test("in-words.awk groups servers by their check result", () => {
      expect(decide(awk, "in-words", [lines("lost be_owa exch01 L7TOUT\nlost be_ews exch01 L7TOUT\ndown be_imap exch02 L4CON")])).toEqual([
        "exch01 (no answer to the health check) for be_owa be_ews; exch02 (no connection) for be_imap",
      ]);
      expect(decide(awk, "in-words", [""])).toEqual([]);
    });

    test.each([
      ["unchecked", "not checked yet"],
      ["L4TOUT", "no answer"],
      ["L6TOUT", "no answer to the TLS handshake"],
      ["L6RSP", "TLS failed"],
      ["L7STS/503", "its health page answers 503"],
      ["L7RSP", "an invalid answer"],
      ["PROCERR", "PROCERR"],
    ])("in-words.awk writes the check result %s as %s", (check, words) => {
      expect(decide(awk, "in-words", [lines(`lost be_owa exch01 ${check}`)])).toEqual([`exch01 (${words}) for be_owa`]);
    });
  });

  describe("unwanted-openings.awk", () => {
    const opened = lines(`
      host tcp 22
      haproxy tcp 443
      haproxy tcp 993
      keepalived vrrp from 10.0.0.2
      monitoring tcp 9101 from 10.9.0.0/16`);
    const wanted = "tcp 443\n";
    const unwanted = (leaving: string): string[] => decide(awk, "unwanted-openings", [wanted, leaving, opened]);

    test("unwanted-openings.awk lists the openings that the manifest does not contain, and leaves out the ssh port", () => {
      expect(unwanted("")).toEqual(["haproxy tcp 993", "keepalived vrrp from 10.0.0.2", "monitoring tcp 9101 from 10.9.0.0/16"]);
    });

    test("unwanted-openings.awk does not list the openings of a retained or released part", () => {
      expect(unwanted("keepalived retain\nmonitoring destroy\n")).toEqual(["haproxy tcp 993", "monitoring tcp 9101 from 10.9.0.0/16"]);
      expect(unwanted("keepalived release\n")).toEqual(["haproxy tcp 993", "monitoring tcp 9101 from 10.9.0.0/16"]);
    });

    test("unwanted-openings.awk distinguishes openings of the same port for different sources", () => {
      expect(decide(awk, "unwanted-openings", ["tcp 9101\n", "", opened])).toContain("monitoring tcp 9101 from 10.9.0.0/16");
    });
  });

  describe("openings-there.awk", () => {
    // As busctl prints them: of the permanent settings a(ss), of the running firewall aas.
    const PERMANENT = 'Port a(ss) 3 "22" "tcp" "443" "tcp" "8000-8100" "udp"\n';
    const RUNNING = 'Port aas 3 2 "22" "tcp" 2 "443" "tcp" 2 "8000-8100" "udp"\n';
    const OURS = 'rule family="ipv4" source address="10.0.0.2" protocol value="vrrp" accept';
    const rules = (...texts: string[]): string => `RichRule as ${texts.length}${texts.map((text) => ` "${text.replaceAll('"', '\\"')}"`).join("")}\n`;
    const decided = (has: string, kind: string, words: string): string[] => decide(awk, "openings-there", [has, `${kind}\t${words}\thaproxy opening\n`]);

    test.each([["permanent", PERMANENT], ["running", RUNNING]])("openings-there.awk finds a port in the list of the %s firewall", (_, has) => {
      expect(decided(has, "Port", "443/tcp")).toEqual([]);
      expect(decided(has, "Port", "80/tcp")).toEqual(["absent haproxy opening"]);
      // A number is not a protocol, nor is another protocol's port.
      expect(decided(has, "Port", "22/udp")).toEqual(["ask haproxy opening"]);
      expect(decided(has, "Port", "443/sctp")).toEqual(["absent haproxy opening"]);
    });

    test.each(["443-443", "https", ""])("openings-there.awk asks firewalld about port 443/tcp if firewalld's list of ports has an entry for tcp with the port %j, because this entry might include 443", (port) => {
      expect(decided(`Port a(ss) 1 "${port}" "tcp"\n`, "Port", "443/tcp")).toEqual(["ask haproxy opening"]);
      expect(decided(`Port a(ss) 2 "${port}" "udp" "25" "tcp"\n`, "Port", "443/tcp")).toEqual(["absent haproxy opening"]);
    });

    test("openings-there.awk asks firewalld about a rule if firewalld lists rules, but none of them has exactly the same text", () => {
      expect(decided(rules(OURS), "RichRule", OURS)).toEqual([]);
      expect(decided(rules("rule service name=\"ssh\" accept", OURS), "RichRule", OURS)).toEqual([]);
      expect(decided(rules(`${OURS} limit value="1/s"`), "RichRule", OURS)).toEqual(["ask haproxy opening"]);
      expect(decided(rules(), "RichRule", OURS)).toEqual(["absent haproxy opening"]);
    });

    test("openings-there.awk asks firewalld about an opening if firewalld gave no list for this kind of opening", () => {
      expect(decided("", "Port", "443/tcp")).toEqual(["ask haproxy opening"]);
      expect(decided(PERMANENT, "RichRule", OURS)).toEqual(["ask haproxy opening"]);
      expect(decided(rules(OURS), "Port", "443/tcp")).toEqual(["ask haproxy opening"]);
    });

    test("openings-there.awk finds an interface in firewalld's list of interfaces, and ignores the same name in other lists", () => {
      expect(decided('Interface as 1 "ens192"\n', "Interface", "ens192")).toEqual([]);
      expect(decided('Interface as 1 "ens+"\n', "Interface", "ens192")).toEqual(["ask haproxy opening"]);
      expect(decided(`${rules("ens192")}Interface as 0\n`, "Interface", "ens192")).toEqual(["absent haproxy opening"]);
    });
  });

  describe("filter-units.awk", () => {
    const unit = (name: string, active: string, enabled: string): string => `Id=${name}.service\nActiveState=${active}\nUnitFileState=${enabled}\n`;

    test("filter-units.awk prints for each unit whether it is active and enabled, with the same results as systemctl is-active and is-enabled", () => {
      const said = [unit("firewalld", "active", "enabled"), unit("nftables", "inactive", "disabled"), unit("iptables", "reloading", "static"), unit("ip6tables", "failed", ""), unit("netfilter-persistent", "activating", "masked")];
      expect(decide(awk, "filter-units", [said.join("\n")])).toEqual(["@unit firewalld yes yes", "@unit nftables no no", "@unit iptables yes yes", "@unit ip6tables no no", "@unit netfilter-persistent no no"]);
    });

    // The states for which systemctl is-enabled exits with 0, by its manual, and others.
    test.each([
      ["enabled", "yes"], ["enabled-runtime", "yes"], ["static", "yes"], ["alias", "yes"], ["indirect", "yes"], ["generated", "yes"],
      ["disabled", "no"], ["masked", "no"], ["masked-runtime", "no"], ["linked", "no"], ["linked-runtime", "no"], ["transient", "no"], ["bad", "no"],
    ])("filter-units.awk answers whether a unit in the state %s is enabled: %s", (state, enabled) => {
      expect(decide(awk, "filter-units", [unit("nftables", "inactive", state)])).toEqual([`@unit nftables no ${enabled}`]);
    });

    test("filter-units.awk prints a unit once even if systemctl lists it twice", () => {
      const twice = unit("netfilter-persistent", "active", "enabled");
      expect(decide(awk, "filter-units", [`${twice}\n${unit("ip6tables", "inactive", "")}\n${twice}`])).toEqual(["@unit netfilter-persistent yes yes", "@unit ip6tables no no"]);
    });
  });

  describe("lacking-space.awk", () => {
    const kB = (...free: number[]): string => `Filesystem     1024-blocks     Used Available Capacity Mounted on\n${free.map((each) => `/dev/sda1 900 1 ${each} 7% /\n`).join("")}`;
    const inodes = (...free: string[]): string => `Filesystem      Inodes  IUsed   IFree IUse% Mounted on\n${free.map((each) => `/dev/sda1 ${each} 7% /\n`).join("")}`;

    test("lacking-space.awk prints which folder has too little space or too few inodes, and how much is free", () => {
      const lacking = (text: string): string[] => decide(awk, "lacking-space", [text], ["-v", "needed=1104"]);
      expect(lacking(kB(1104, 5000) + inodes("900 1 100", "900 1 899"))).toEqual([]);
      expect(lacking(kB(1104, 1103) + inodes("900 1 899", "900 1 899"))).toEqual(["1 kB 1103"]);
      expect(lacking(kB(99999, 99999, 99999) + inodes("900 1 899", "900 1 899", "900 801 99"))).toEqual(["2 inodes 99"]);
      // Such as btrfs.
      expect(lacking(kB(99999) + inodes("0 0 0"))).toEqual([]);
      expect(lacking(kB(99999) + inodes("- - -"))).toEqual([]);
    });
  });

  describe("capacity.awk", () => {
    const cfg = (...more: string[]): string => ["global", "    maxconn     4000", "", ...more].map((line) => `${line}\n`).join("");
    const https = ["frontend fe_exch2019", "    maxconn 3000", "    bind *:443 ssl crt /etc/haproxy/exch.pem", "    use_backend be_exch2019_ews if ews", "    default_backend be_exch2019_owa", ""];
    const backend = (name: string, ...servers: string[]): string[] => [`backend be_exch2019_${name}`, ...servers.map((server) => `    server ${server}`), ""];

    test("capacity.awk computes the open files (2 for each connection) and the memory (most for SSL bridging, least for TCP mode)", () => {
      const bridged = cfg(...https, ...backend("owa", "exch01 10.0.0.1:443 weight 1 check ssl verify required"));
      expect(decide(awk, "capacity", [bridged])).toEqual(["maxconn 4000", "files 8101", "kilobytes 200000 50", "ports fe_exch2019 3000 1"]);
      expect(decide(awk, "capacity", [bridged.replace(" ssl verify required", "")])[2]).toBe("kilobytes 104000 26");
      // check-ssl: TLS for the check alone.
      expect(decide(awk, "capacity", [bridged.replace(" ssl verify", " check-ssl verify").replace(" ssl crt /etc/haproxy/exch.pem", "")])[2]).toBe("kilobytes 48000 12");
    });

    test("capacity.awk counts a member once for a frontend, even if several of the frontend's backends contain the member, and ignores members that get no sessions", () => {
      const two = ["exch01 10.0.0.1:443 check", "exch02 10.0.0.2:443 check"];
      expect(decide(awk, "capacity", [cfg(...https, ...backend("owa", ...two), ...backend("ews", ...two))]).slice(3)).toEqual(["ports fe_exch2019 3000 2"]);
      expect(decide(awk, "capacity", [cfg(...https, ...backend("owa", two[0] ?? "", `${two[1]} disabled`), ...backend("ews", two[0] ?? ""))]).slice(3)).toEqual(["ports fe_exch2019 3000 1"]);
      expect(decide(awk, "capacity", [cfg(...https, ...backend("owa", two[0] ?? "", `${two[1]} backup`, "exch03 10.0.0.3:443 weight 0 check"))]).slice(3)).toEqual(["ports fe_exch2019 3000 1"]);
    });

    test("with the largest maxconn, capacity.awk prints all numbers without exponents", () => {
      expect(decide(awk, "capacity", [cfg(...https, ...backend("owa", "a 10.0.0.1:443 ssl verify required")).replace("4000", "1000000")]).slice(0, 3)).toEqual(["maxconn 1000000", "files 2000101", "kilobytes 50000000 50"]);
    });

    test("capacity.awk prints nothing for a config without maxconn", () => expect(decide(awk, "capacity", ["defaults\n    mode http\n"])).toEqual([]));
  });
});
