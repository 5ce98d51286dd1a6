import { readFileSync } from "node:fs";
import { join } from "node:path";
import { GUARD_LUA } from "../../lib/haproxy/guesses";
import { renderHaproxyCfg } from "../../lib/haproxy/render";
import { HAPROXY_VERSIONS, HaproxyVersion } from "../../lib/haproxy/versions";
import { toolFile } from "../../lib/host/tool-file";
import { BRIDGE, model } from "../support/haproxy-model";

const NODES = [{ name: "node1", address: "10.0.0.1" }, { name: "node2", address: "10.0.0.2" }];
const text = (version: HaproxyVersion, exceptions?: string): string =>
  renderHaproxyCfg(model(version, { https: { ...BRIDGE, guesses: { banTime: "5m", exceptions } }, peers: { port: 8406, own: "node2", nodes: NODES } }));
const lines = (of: string): string[] => of.split("\n").map((line) => line.trim());
const saying = (line: string): HaproxyVersion[] => HAPROXY_VERSIONS.filter((version) => lines(text(version)).includes(line));
const SINCE_2_4 = HAPROXY_VERSIONS.filter((version) => !["1.8", "2.2"].includes(version));

test("haproxy.cfg loads the script of the password guard once if the guard is on, and has no line of the guard if it is off", () => {
  for (const version of HAPROXY_VERSIONS) {
    expect(renderHaproxyCfg(model(version))).not.toMatch(/guard|peers|lua/);
    expect(text(version).match(/lua-load .*/g)).toEqual([`lua-load ${GUARD_LUA}`]);
  }
});

test("HAProxy 2.4 and newer wait for the whole body of a request only if this request submits a login form that the guard checks", () => {
  expect(saying("http-request wait-for-body time 5s if { method POST } guard_form")).toEqual(SINCE_2_4);
  expect(saying("http-request lua.guard_look_form_whole if { method POST } guard_form")).toEqual(SINCE_2_4);
  expect(saying("http-request lua.guard_look_form if { method POST } guard_form")).toEqual(["1.8", "2.2"]);
  for (const version of HAPROXY_VERSIONS) expect(text(version)).not.toContain("http-buffer-request");
});

test("the lines of the password guard come after all other rules that refuse requests", () => {
  const cfg = lines(text("2.6", "/etc/haproxy/x.lst"));
  const at = cfg.indexOf("acl guard_exception src -f /etc/haproxy/x.lst");
  expect(cfg.slice(at, at + 14)).toEqual([
    "acl guard_exception src -f /etc/haproxy/x.lst",
    "acl guard_form var(txn.path) -m reg -i ^/(owa|ecp)/(.*/)?auth[.]owa(/|$)",
    "http-request set-var(txn.guard_address) src,ipmask(32,64)",
    "http-request wait-for-body time 5s if { method POST } guard_form !guard_exception",
    "http-request lua.guard_look if { req.fhdr(authorization) -m found } !guard_exception",
    "http-request lua.guard_look_form_whole if { method POST } guard_form !guard_exception",
    "http-request set-var(txn.guard_known) int(1) if { var(txn.guard_proof),table_gpt0(guard_proven) gt 0 }",
    "http-request set-var(txn.guard_address_banned) var(txn.guard_address),table_gpt0(guard_addresses) if { var(txn.guard_kind) -m found }",
    "http-request set-var(txn.guard_name_banned) var(txn.guard_name),table_gpt0(guard_names) if { var(txn.guard_name) -m found }",
    "http-request lua.guard_admit if { var(txn.guard_kind) -m found } !{ var(txn.guard) -m found }",
    "http-request set-var(txn.rule) var(txn.guard) if { var(txn.guard) -m found }",
    "http-request deny deny_status 429 if { var(txn.guard) -m found }",
    "",
    "# count a password as refused if Exchange answers 401, or if a login by OWA's form starts no session; do not count a 401 that only asks for a password",
  ]);
  // After all that others refuse, so that it does not count.
  expect(at).toBeGreaterThan(cfg.indexOf("http-request deny if ecp !admins_network"));
  const peers = cfg.indexOf("peers exchange_balancer");
  expect(cfg.slice(peers + 2, peers + 5)).toEqual(["bind 0.0.0.0:8406", "server node1 10.0.0.1:8406", "server node2"]);
  expect(cfg).toContain("stick-table type ipv6 size 100k expire 5m store gpt0 peers exchange_balancer");
});

test("docs/log.md and docs/guards.md describe each rule with which the password guard refuses requests", () => {
  const rules = new Set([...toolFile("guard.lua").matchAll(/"(guess-[a-z]+)"/g)].map(([, rule = ""]) => rule));
  expect([...rules].sort()).toEqual(["guess-address", "guess-busy", "guess-name", "guess-repeat", "guess-spray", "guess-unreadable"]);
  for (const page of ["log", "guards"]) for (const rule of rules) expect(readFileSync(join(__dirname, `../../docs/${page}.md`), "utf8")).toContain(`\`${rule}\``);
});
