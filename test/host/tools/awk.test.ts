import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// What the commands on a host decide, without a host.

const TOOLS = join(__dirname, "../../../lib/host/tools");

/** Runs an awk script of lib/host/tools with one input file for each text in `texts`. Returns the output. */
function awk(program: string, texts: readonly string[], variables: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "awk-"));
  try {
    const files = texts.map((text, index) => {
      writeFileSync(join(folder, String(index)), text);
      return join(folder, String(index));
    });
    const set = Object.entries(variables).flatMap(([name, value]) => ["-v", `${name}=${value}`]);
    const { status, stdout, stderr } = spawnSync("awk", [...set, "-f", join(TOOLS, program), ...files], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");

const CONF = `# a comment
global_defs {
    script_user haproxy
}

vrrp_instance EMAIL_VIP1 {
    state BACKUP
    interface ens192
    priority 250
    unicast_peer {
        10.12.8.12
    }
    check_unicast_src
    virtual_ipaddress {
        10.12.8.15/24
    }
    virtual_ipaddress_excluded {
        2001:db8::15/64
    }
    track_script {
        haproxy_check
    }
}

vrrp_instance EMAIL_VIP2 {
    priority 240
    authentication {
        auth_type PASS
    }
    virtual_ipaddress {
        10.12.8.16
    }
}
`;

describe("keepalived-conf.awk", () => {
  test("keepalived-conf.awk prints instances, peers, and addresses without their prefix length", () => {
    expect(lines(awk("keepalived-conf.awk", [CONF]))).toEqual([
      "instance EMAIL_VIP1 250",
      "peer EMAIL_VIP1 10.12.8.12",
      "address EMAIL_VIP1 10.12.8.15",
      "address EMAIL_VIP1 2001:db8::15",
      "instance EMAIL_VIP2 240",
      "address EMAIL_VIP2 10.12.8.16",
    ]);
  });

  test("keepalived-conf.awk prints nothing for a keepalived.conf without instances", () => {
    expect(awk("keepalived-conf.awk", ["global_defs {\n}\n"])).toBe("");
  });
});

describe("keepalived-journal.awk", () => {
  test("keepalived-journal.awk counts changes of state, but not an instance's first state", () => {
    const log = [
      "Starting VRRP child process, pid=12",
      "(EMAIL_VIP1) Entering BACKUP STATE (init)",
      "(EMAIL_VIP1) Entering MASTER STATE",
      "(EMAIL_VIP1) Entering FAULT STATE",
      "(EMAIL_VIP2) Entering BACKUP STATE",
      "",
    ].join("\n");
    expect(lines(awk("keepalived-journal.awk", ["", log])).sort()).toEqual(["EMAIL_VIP1 fault 2 0", "EMAIL_VIP2 backup 0 0"]);
  });

  test("keepalived-journal.awk continues the count of its last run, and does not count a repeated log line of the same state", () => {
    expect(awk("keepalived-journal.awk", ["EMAIL_VIP1 master 3 0\n", "(EMAIL_VIP1) Entering MASTER STATE\n(EMAIL_VIP1) Entering BACKUP STATE\n"])).toBe(
      "EMAIL_VIP1 backup 4 0\n",
    );
    expect(awk("keepalived-journal.awk", ["EMAIL_VIP1 master 3 -11\n", ""])).toBe("EMAIL_VIP1 master 3 -11\n");
  });

  test("keepalived-journal.awk tracks the difference between present and configured priority, and resets the difference when keepalived starts", () => {
    const down = "(EMAIL_VIP1) Changing effective priority from 250 to 239\n";
    expect(awk("keepalived-journal.awk", ["EMAIL_VIP1 master 0 0\n", down])).toBe("EMAIL_VIP1 master 0 -11\n");
    expect(awk("keepalived-journal.awk", ["EMAIL_VIP1 master 0 -11\n", "(EMAIL_VIP1) changing effective priority from 239 to 250\n"])).toBe("EMAIL_VIP1 master 0 0\n");
    expect(awk("keepalived-journal.awk", ["EMAIL_VIP1 master 0 -11\n", "Starting VRRP child process, pid=9\n"])).toBe("EMAIL_VIP1 master 0 0\n");
  });

  test.each(["VRRP_Script(haproxy_check) succeeded", "(EMAIL_VIP1) sent 0 priority", "Stopped keepalived.service - Keepalive Daemon (LVS and VRRP)."])("keepalived-journal.awk ignores the log line %s", (line) => {
    expect(awk("keepalived-journal.awk", ["EMAIL_VIP1 master 1 0\n", `${line}\n`])).toBe("EMAIL_VIP1 master 1 0\n");
  });
});

describe("vrrp-metrics.awk", () => {
  const conf = "instance V 250\naddress V 10.12.8.15\naddress V 2001:db8::15\n";
  const metrics = (state: string, here: string, running = "1"): string[] =>
    lines(awk("vrrp-metrics.awk", [state, conf, here], { running })).filter((line) => !line.startsWith("#"));

  test("vrrp-metrics.awk reports for each address whether the host holds it, whatever state keepalived logged", () => {
    const said = metrics("V master 4 -11\n", "10.12.8.15\n");
    expect(said).toContain('exchange_balancer_virtual_address_held{vrrp_instance="V",address="10.12.8.15"} 1');
    expect(said).toContain('exchange_balancer_virtual_address_held{vrrp_instance="V",address="2001:db8::15"} 0');
    expect(said).toContain('exchange_balancer_vrrp_state{vrrp_instance="V",state="master"} 1');
    expect(said).toContain('exchange_balancer_vrrp_state{vrrp_instance="V",state="stopped"} 0');
    expect(said).toContain('exchange_balancer_vrrp_priority{vrrp_instance="V"} 239');
    expect(said).toContain('exchange_balancer_vrrp_transitions_total{vrrp_instance="V"} 4');
  });

  test("if keepalived does not run, vrrp-metrics.awk reports the state `stopped`, even if keepalived last logged the state MASTER", () => {
    const said = metrics("V master 1 0\n", "", "0");
    expect(said.filter((line) => line.startsWith("exchange_balancer_vrrp_state") && line.endsWith(" 1"))).toEqual(['exchange_balancer_vrrp_state{vrrp_instance="V",state="stopped"} 1']);
  });

  test("vrrp-metrics.awk reports the configured priority if keepalived has logged no priority", () => {
    expect(metrics("", "")).toContain('exchange_balancer_vrrp_priority{vrrp_instance="V"} 250');
  });

  test("vrrp-metrics.awk prints nothing on a node without a pair", () => {
    expect(awk("vrrp-metrics.awk", ["", "", ""], { running: "0" })).toBe("");
  });
});

const HEAD =
  "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration,";
const row = (backend: string, server: string, status: string, weight: number, check: string, code = ""): string =>
  `${backend},${server},0,0,0,0,,0,0,0,,0,,0,0,0,0,${status},${weight},1,0,0,0,0,0,,1,2,1,,0,,2,0,,0,${check},${code},0,`;

describe("members.awk", () => {
  test.each([
    ["UP", 75, "L7OK", "200", "up L7OK"],
    ["UP 1/3", 75, "L7STS", "503", "up L7STS/503"],
    ["DOWN", 75, "L4CON", "", "down L4CON"],
    ["DOWN 1/3", 75, "* L7OK", "200", "down L7OK"],
    ["UP", 0, "L7OK", "200", "draining L7OK"],
    ["DRAIN", 75, "L7OK", "200", "draining L7OK"],
    ["DOWN", 0, "L4TOUT", "", "draining L4TOUT"],
    ["MAINT", 75, "", "", "maintenance -"],
    ["MAINT (resolution)", 75, "", "", "down no-address"],
    ["no check", 100, "", "", "unchecked -"],
    ["NOLB", 75, "L7OKC", "404", "up L7OKC"],
  ])("members.awk translates status %s, weight %i and check %s %s to: %s", (status, weight, check, code, expected) => {
    const answer = `${HEAD}\n${row("be_exch2019_owa", "exch01", status, weight, check, code)}\n\n`;
    expect(awk("members.awk", [answer])).toBe(`be_exch2019_owa owa exch01 ${expected}\n`);
  });

  test("members.awk ignores frontends, totals, other backends and invalid answers", () => {
    const others = [row("fe_exch2019", "FRONTEND", "OPEN", 0, ""), row("be_exch2019_owa", "BACKEND", "UP", 100, ""), row("be_other", "web", "UP", 1, "L7OK")];
    expect(awk("members.awk", [`${HEAD}\n${others.join("\n")}\n`])).toBe("");
    expect(awk("members.awk", ["Unknown command.\n"])).toBe("");
  });
});

describe("bans.awk", () => {
  const table = (lines: readonly string[]): string => [`# table: guard_names, type: string, size:102400, used:${lines.length}`, ...lines, "", ""].join("\n");
  const bans = (kind: string, ...entries: readonly string[]): string[] => lines(awk("bans.awk", [table(entries)], { kind }));

  test("bans.awk lists the bans in force, and leaves out entries whose ban was lifted", () => {
    expect(bans("addresses", "0x55d0: key=::ffff:10.1.2.3 use=0 exp=299123 gpt0=1", "0x55d1: key=2001:db8:: use=1 exp=1500 shard=0 gpt0=2", "0x55d2: key=::ffff:10.1.2.4 use=0 exp=9000 gpt0=0")).toEqual([
      "address 299 guesses 10.1.2.3", "address 1 spray 2001:db8::",
    ]);
  });

  test("bans.awk lists a name without HAProxy's escape characters", () => {
    expect(bans("names", "0xab: key=eve;x\\ y use=0 exp=4000 gpt0=1", "0xac: key=a\\\\b\\=c use=0 exp=4000 gpt0=1", "0xad: key=\\x41\\x7e use=0 exp=4000 gpt0=1")).toEqual([
      "name 4 guesses eve;x y", "name 4 guesses a\\b=c", "name 4 guesses A~",
    ]);
  });

  test("bans.awk reads a name correctly even if the name contains text like HAProxy's own fields", () => {
    expect(bans("names", "0xab: key=j. doe use=0 exp=4000 gpt0=1", "0xac: key=x use=0 exp=1 gpt0=0 use=0 exp=5000 gpt0=1", "0xad: key=y use=0 exp=1 gpt0=1 use=0 exp=5000 gpt0=0")).toEqual([
      "name 4 guesses j. doe", "name 5 guesses x use=0 exp=1 gpt0=0",
    ]);
  });
});

describe("sessions.awk", () => {
  const ss = [
    '0      0          198.18.0.11:45678      198.18.0.21:443   users:(("haproxy",pid=812,fd=31))',
    '0      0          198.18.0.11:45679      198.18.0.22:143   users:(("haproxy",pid=77,fd=9),("haproxy",pid=78,fd=9))',
    "0      0      [2001:db8::11]:45680   [2001:db8::21]:443   users:((\"haproxy\",pid=812,fd=32))",
    '0      0          198.18.0.11:45681      198.18.0.21:443   users:(("bash",pid=5,fd=3))',
    '0      0          198.18.0.11:443        198.18.0.31:50000 users:(("haproxy",pid=812,fd=12))',
    "0      0          198.18.0.11:45682      198.18.0.21:443",
    '0      0          198.18.0.11:45683      198.18.0.210:443  users:(("haproxy",pid=812,fd=33))',
  ].join("\n");

  test("sessions.awk lists only the connections from haproxy processes to members", () => {
    expect(lines(awk("sessions.awk", ["exch01 198.18.0.21\nexch02 198.18.0.22\nexch01 2001:db8::21\n", `${ss}\n`]))).toEqual([
      "exch01 812 198.18.0.11:45678 198.18.0.21:443",
      "exch02 77 198.18.0.11:45679 198.18.0.22:143",
      "exch01 812 [2001:db8::11]:45680 [2001:db8::21]:443",
    ]);
  });
});

describe("last-member.awk", () => {
  const members = "b owa exch01 up L7OK\nb owa exch02 down L4CON\nb smtp exch01 up L7OK\nb smtp exch02 up L7OK\nb imap exch01 unchecked -\nb imap exch02 draining -\n";
  const last = (name: string, text = members): string => awk("last-member.awk", [text], { name }).trim();

  test("last-member.awk lists the protocols that only the given member serves", () => {
    expect(last("exch01").split(", ").sort()).toEqual(["imap", "owa"]);
    expect(last("exch02")).toBe("");
  });

  test("last-member.awk prints nothing for an unknown member and for empty input", () => {
    expect(last("exch03")).toBe("");
    expect(last("exch01", "")).toBe("");
  });
});

describe("members-table.awk", () => {
  test("members-table.awk prints a row for each protocol, with the check result of each member that is down", () => {
    expect(lines(awk("members-table.awk", ["b owa exch01 up L7OK\nb owa exch02 down L7STS/503\nb smtp exch01 draining L7OK\n"])).map((line) => line.trim().split(/ {2,}| (?=exch02)/))).toEqual([
      ["members", "exch01", "exch02"],
      ["owa", "up", "DOWN (L7STS/503)"],
      ["smtp", "draining"],
    ]);
  });
});

describe("openings-missing.awk", () => {
  const manifest = "format 2\nopen tcp 443\nopen tcp 9101 from 10.0.0.0/8\nopen tcp 9101 from 2001:db8::/32\nopen vrrp from 10.12.8.12\nopening tcp 1\n";
  const rules = [
    "22/tcp 443/tcp",
    'rule family="ipv4" source address="10.0.0.0/8" port port="9101" protocol="tcp" accept',
    'rule family="ipv6" source address="2001:db8::/32" port port="9101" protocol="tcp" accept',
    'rule family="ipv4" source address="10.12.8.12" protocol value="vrrp" accept',
  ];
  const missing = (listed: readonly string[]): string => awk("openings-missing.awk", [listed.map((line) => `${line}\n`).join(""), manifest]).trim();

  test("openings-missing.awk counts 0 if no opening is missing", () => expect(missing(rules)).toBe("0"));
  test.each([0, 1, 2, 3])("openings-missing.awk counts 1 if only the opening with index %i in the manifest is missing", (index) => expect(missing(rules.filter((_, at) => at !== index))).toBe("1"));
  test("openings-missing.awk counts an opening as missing if firewalld has it only for another network", () => expect(missing(rules.map((rule) => rule.replace("10.0.0.0/8", "10.0.0.0/9")))).toBe("1"));
  test("openings-missing.awk counts all openings as missing if firewalld lists no opening", () => expect(missing([])).toBe("4"));
});

describe("routing-table.awk", () => {
  const CONF4 = "# a comment\nnode 1\npeer 10.12.8.12\ngateway 10.12.8.15\nport 443\nmember exch01 10.12.8.21\nmember exch02 10.12.8.22\n";
  const CONF6 = "peer6 2001:db8:12::12\nmember6 exch01 2001:db8:12::21\nmember6 exch02 2001:db8:12::22\n";
  const table = (conf: string, near: string, drops: Readonly<Record<string, string>> = { drop4: "yes", drop6: "yes" }): string => awk("routing-table.awk", [conf, near], drops);
  const chain = (text: string, name: string): string[] =>
    lines(new RegExp(`  chain ${name} \\{\\n([^}]*)\\n  \\}`).exec(text)?.[1] ?? "").map((line) => line.trim()).slice(1);

  test("routing-table.awk replaces the nftables table in one transaction", () => {
    expect(lines(table(CONF4, "10.12.8.0/24\n")).slice(0, 3)).toEqual(["table inet exchange_balancer_routing", "delete table inet exchange_balancer_routing", "table inet exchange_balancer_routing {"]);
  });

  test("routing-table.awk writes no rule for IPv6 if no member has an IPv6 address", () => {
    expect(table(CONF4, "10.12.8.0/24\n2001:db8:12::/64\n")).not.toMatch(/ip6 |ipv6_addr|nfproto ipv6/);
    expect(table(CONF4 + CONF6, "10.12.8.0/24\n2001:db8:12::/64\n")).toMatch(/elements = \{ 2001:db8:12::21, 2001:db8:12::22 \}/);
  });

  test("the rules of routing-table.awk mark a packet after firewalld has checked the packet's source, and only if the packet is a member's answer to a transparent connection of HAProxy", () => {
    const text = table(CONF4 + CONF6, "10.12.8.0/24\n2001:db8:12::/64\n");
    expect(text).toContain("chain answers {\n    type filter hook prerouting priority filter + 20; policy accept;\n");
    expect(chain(text, "answers")).toEqual([
      "ip saddr @members4 socket transparent 1 meta mark set meta mark | 0x10000000",
      "ip6 saddr @members6 socket transparent 1 meta mark set meta mark | 0x10000000",
    ]);
    // Else a neighbour's advertisement, or a member's answer to this node itself, would be caught.
    expect(chain(text, "stateless")[0]).toBe("ip saddr @members4 socket transparent 1 accept");
  });

  test("routing-table.awk drops forwarded packets of other hosts only if this library turned forwarding on", () => {
    expect(chain(table(CONF4, ""), "forwarded")).toEqual(["ip saddr @members4 accept", "ip daddr @members4 accept", "meta nfproto ipv4 drop"]);
    expect(chain(table(CONF4, "", { drop4: "no", drop6: "no" }), "forwarded")).toEqual([]);
  });

  test("routing-table.awk masquerades clients in the members' networks, so that members answer through the node", () => {
    const text = table(CONF4, "10.12.8.0/24\n10.12.9.0/24\n");
    expect(text).toContain("elements = { 10.12.8.0/24, 10.12.9.0/24 }");
    expect(chain(text, "neighbours")).toEqual(["ip daddr @members4 ip saddr @near4 fib saddr type != local masquerade"]);
    expect(chain(table(CONF4, ""), "neighbours")).toEqual([]);
  });
});
