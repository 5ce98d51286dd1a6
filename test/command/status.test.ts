import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SshAccess } from "cdktf-exchange-balancer";
import { problems, statusOf, table } from "../../lib/command/host-status";
import { sshConfig } from "../../lib/command/ssh";
import { status, withPaths } from "../../lib/command/status";
import { HostLogin, hostLogins } from "../../lib/delivery/logins";
import { Case, ECDSA_HOST_KEY, ED25519_HOST_KEY, HOST_KEY, balancerStack, synth, variable } from "../support/site";

const LB01: HostLogin = { host: "10.12.8.11", away: false, user: "root", port: 22, unknown: [] };
const LB02: HostLogin = { ...LB01, host: "10.12.8.12" };
const said = (...lines: string[]): { status: number; said: string } => ({ status: 0, said: `${lines.join("\n")}\n` });
const WELL = ["delivered 2026-11-26T21:04:11Z 0.1.0", "service haproxy active", "service keepalived active", "members exch01, exch02: up"];

test("the command `status` resolves relative key paths from the stack's folder in cdktf.out, as Terraform does", () => {
  const bastion = { host: "10.0.0.1", user: "jump", port: 22, keyFile: "../../../keys/jump" };
  const login = withPaths({ ...LB01, keyFile: "../../../../id_ed25519", bastion }, "/srv/mail/cdktf.out/stacks/mail");
  expect([login.keyFile, login.bastion?.keyFile]).toEqual(["/srv/id_ed25519", "/srv/mail/keys/jump"]);
  expect(withPaths({ ...LB01, keyFile: "/root/id" }, "cdktf.out/stacks/mail").keyFile).toBe("/root/id");
  expect(withPaths({ ...LB01, keyFile: "~/.ssh/id" }, "cdktf.out/stacks/mail").keyFile).toBe("~/.ssh/id");
  expect(withPaths(LB01, "cdktf.out/stacks/mail")).toEqual(LB01);
});

test("the command `status` prints the path of a key file that does not exist, and exits with 2 if it could not get the status of any balancer", async () => {
  const [folder, cwd] = [mkdtempSync(join(tmpdir(), "status-")), process.cwd()];
  try {
    const stack = join(folder, "cdktf.out/stacks/mail");
    mkdirSync(stack, { recursive: true });
    writeFileSync(join(folder, "cdktf.json"), JSON.stringify({ app: "true" }));
    writeFileSync(join(folder, "cdktf.out/manifest.json"), JSON.stringify({ stacks: { mail: { name: "mail", synthesizedStackPath: "stacks/mail/cdk.tf.json" } } }));
    writeFileSync(join(stack, "cdk.tf.json"), synth(balancerStack({ balancer: { ssh: SshAccess.privateKeyFile({ user: "root", path: "/nowhere/id" }) } }).stack));
    process.chdir(folder);
    const printed: string[] = [];
    expect(await status([], (line) => printed.push(line))).toBe(2);
    expect(printed).toContain("[10.12.8.11] no answer: the private key file /nowhere/id does not exist");
  } finally {
    process.chdir(cwd);
    rmSync(folder, { recursive: true, force: true });
  }
});

describe("the table that the command `status` prints", () => {
  test("the status table has one row for each host, and the column STATE contains `well` if the host has no problem", () => {
    const hosts = [statusOf(LB01, said(...WELL, "address 10.12.8.15 held")), statusOf(LB02, said(...WELL, "address 10.12.8.15 not-held"))];
    expect(table(hosts)).toEqual([
      "HOST        ADDRESSES   SERVICES  DELIVERED             LIBRARY  STATE",
      "10.12.8.11  10.12.8.15  running   2026-11-26T21:04:11Z  0.1.0    well",
      "10.12.8.12  none        running   2026-11-26T21:04:11Z  0.1.0    well",
    ]);
    expect(problems(hosts)).toEqual([]);
  });

  test("the status table shows which services are down and which host is unreachable, and a list of the problems follows the table", () => {
    const hosts = [
      statusOf(LB01, said("delivered 2026-11-26T21:04:11Z 0.1.0", "service haproxy active", "service keepalived failed", "address 10.12.8.15 not-held", "wrong exch02: DOWN (no route to host). Is it on?", "wrong keepalived is not running (failed)", "wrong /etc/haproxy/haproxy.cfg was edited")),
      statusOf(LB02, { status: 255, said: "warning\nssh: connect to host 10.12.8.12 port 22: No route to host\n" }),
    ];
    expect(table(hosts).slice(1)).toEqual(["10.12.8.11  none       keepalived failed  2026-11-26T21:04:11Z  0.1.0    WRONG", "10.12.8.12                                                               no answer"]);
    expect(problems(hosts)).toEqual([
      "[10.12.8.11] keepalived is failed",
      "[10.12.8.11] exch02: DOWN (no route to host). Is it on?",
      "[10.12.8.11] /etc/haproxy/haproxy.cfg was edited",
      "[10.12.8.12] no answer: ssh: connect to host 10.12.8.12 port 22: No route to host",
    ]);
  });

  test("the command `status` reports no problem if a host with away: true does not answer", () => {
    const hosts = [statusOf(LB01, said(...WELL, "address 10.12.8.15 held")), statusOf({ ...LB02, away: true }, { status: 255, said: "no route" })];
    expect(table(hosts)[2]).toMatch(/^10\.12\.8\.12 +away$/);
    expect(problems(hosts)).toEqual([]);
  });

  test("the command `status` reports a virtual address that no host holds or that two hosts hold", () => {
    const holding = (first: string, second: string): readonly string[] =>
      problems([statusOf(LB01, said(...WELL, `address 10.12.8.15 ${first}`)), statusOf(LB02, said(...WELL, `address 10.12.8.15 ${second}`))]);
    expect(holding("held", "held")).toEqual(["10.12.8.15 is held by 10.12.8.11 and 10.12.8.12"]);
    expect(holding("not-held", "not-held")).toEqual(["10.12.8.15 is held by nobody"]);
    // Whoever does not answer may hold it.
    expect(problems([statusOf(LB01, said(...WELL, "address 10.12.8.15 not-held")), statusOf(LB02, { status: 255, said: "no route" })])).toEqual(["[10.12.8.12] no answer: no route"]);
  });

  test("the status table shows the state WRONG for a host to which this library has never deployed", () => {
    const host = statusOf(LB01, said("wrong this library has never deployed to this host"));
    expect(table([host])[1]).toBe("10.12.8.11  -          -         -          -        WRONG");
    expect(problems([host])).toEqual(["[10.12.8.11] this library has never deployed to this host"]);
  });

  test("the status table has no delivery time for a host whose last delivery was made by an older version of the library", () => {
    expect(table([statusOf(LB01, said("delivered  0.1.0", "service haproxy active"))])[1]).toBe("10.12.8.11  -          running   -          0.1.0    well");
  });
});

describe("the ssh settings of the command `status`", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "status-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const logins = (balancer: Case["balancer"]): readonly HostLogin[] => hostLogins(synth(balancerStack({ balancer }).stack));

  test("the command `status` logs in with the user, port, key, host key and bastion from the stack", () => {
    const [backup, master] = logins({
      ssh: SshAccess.privateKeyFile({ path: "/root/.ssh/balancers", user: "deploy", port: 2222, bastion: { host: "10.0.0.9", hostKey: HOST_KEY } }),
      master: { host: "10.12.8.11", hostKey: ED25519_HOST_KEY },
      backup: { host: "10.12.8.12", hostKey: HOST_KEY, away: true },
    });
    expect([backup?.away, master?.away]).toEqual([true, false]);
    expect(sshConfig(master ?? LB01, folder, 7)).toBe(`Host balancer
  HostName 10.12.8.11
  User deploy
  Port 2222
  IdentityFile "/root/.ssh/balancers"
  IdentitiesOnly yes
  StrictHostKeyChecking yes
  UserKnownHostsFile "${folder}/balancer.keys"
  ProxyJump bastion
Host bastion
  HostName 10.0.0.9
  User deploy
  Port 22
  IdentityFile "/root/.ssh/balancers"
  IdentitiesOnly yes
  StrictHostKeyChecking yes
  UserKnownHostsFile "${folder}/bastion.keys"
Host *
  BatchMode yes
  LogLevel ERROR
  ConnectTimeout 7
`);
    expect(readFileSync(join(folder, "balancer.keys"), "utf8")).toBe(`[10.12.8.11]:2222 ${ED25519_HOST_KEY}\n10.0.0.9 ${ECDSA_HOST_KEY}\n10.0.0.9 ${ED25519_HOST_KEY}\n`);
    expect(readFileSync(join(folder, "bastion.keys"), "utf8")).toBe(`10.0.0.9 ${ECDSA_HOST_KEY}\n10.0.0.9 ${ED25519_HOST_KEY}\n`);
  });

  test("the ssh config has an IdentityFile for agentIdentity if agentIdentity is the path of a file", () => {
    const ssh = (agentIdentity: string): string => sshConfig(logins({ ssh: SshAccess.agent({ agentIdentity }) })[0] ?? LB01, folder, 7);
    expect(ssh("/root/.ssh/balancers")).toContain('IdentityFile "/root/.ssh/balancers"');
    expect(ssh("balancers' key 2026".replace("'", ""))).not.toContain("IdentityFile");
  });

  test("an ssh setting that only Terraform knows is marked as unknown, so that the command `status` does not try to log in to the host", () => {
    const [, master] = logins((stack) => ({ master: { host: variable(stack, "lb01") } }));
    expect(master?.unknown).toEqual(["host"]);
    expect(logins({}).flatMap(({ unknown }) => unknown)).toEqual([]);
  });
});
