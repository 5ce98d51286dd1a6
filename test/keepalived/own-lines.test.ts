import { Place, refusedLines } from "../../lib/keepalived/own-lines";

const GOOD: readonly (readonly [Place, readonly string[]])[] = [
  ["globalDefs", ["notification_email {", "oncall@mydomain.local", "}", "smtp_server 10.12.8.15", 'router_id "lb 01"']], ["instances", ["track_interface {", "ens224", "}", "smtp_alert", "dont_track_primary"]],
  ["instances", ["virtual_routes {", "10.9.0.0/16 via 10.12.8.1", "}"]], ["instances", ["debug 1"]], ["instances", []], ["sections", ["vrrp_sync_group MAIL {", "group {", "EMAIL_VIP1", "}", "}"]],
  ["sections", ["static_routes {", "10.9.0.0/16 via 10.12.8.1 dev ens224", "}"]],
];

const BAD: readonly (readonly [Place, readonly string[], number, RegExp])[] = [
  ...["state MASTER", "priority 255", "virtual_router_id 1", "virtual_ipaddress {", "interface eth9", "advert_int 9", "nopreempt", "authentication {", "unicast_peer {", "track_script {", "notify /bin/x", "notify_master /bin/x", "use_vmac", "version 2", "garp_master_refresh 1"].map((line) => ["instances", [line, "}"], 0, /./] as const),
  ...["script_user root", "enable_script_security", "vrrp_version 2", "vrrp_priority 1", "net_namespace x", "include /etc/x", "notify_fifo /tmp/x"].map((line) => ["globalDefs", [line], 0, /./] as const),
  ...["vrrp_instance X {", "vrrp_script x {", "virtual_server 10.1.1.1 80 {", "global_defs {", "group {", "vrrp_sync_group A B {", "x"].map((line) => ["sections", [line, "}"], 0, /only these blocks are allowed/] as const),
  ["instances", ["}", "priority 255"], 0, /not open/], ["instances", ["track_interface {", "ens224"], 1, /is not closed/], ["instances", ["track_interface {", "}", "}", "x {"], 2, /not open/], ["sections", ["vrrp_sync_group A {", "notify_master /bin/x", "}"], 1, /notifyCommand/],
  ["instances", ["smtp_alert", "track_interface {", "include /etc/x", "}"], 2, /includes another file/],
  ...["a } priority 255", "a { b", "a # b", "a ! b", "$X=1", "a $X", "@lb01 priority 1", "~SEQ(x, 1)", "a \\", 'a "b', "{", "a{", "-a", "a ~LST(1)", "a; b", "a' b", "a`b`"].map((line) => ["instances", [line], 0, /./] as const),
  ["instances", ['"priority" 255'], 0, /first word of the line contains quotes/], ["instances", [`a ${"b".repeat(500)}`], 0, /500 characters/],
];

test.each(GOOD)("the section %s accepts the user's own lines: %j", (place, lines) => {
  expect(refusedLines(lines, place)).toBeUndefined();
});

test.each(BAD)("the section %s refuses the user's own lines %j, and reports that the first wrong line has the index %d", (place, lines, at, why) => {
  expect(refusedLines(lines, place)).toEqual({ at, why: expect.stringMatching(why) as string });
});
