import { InstanceModel, KeepalivedModel } from "./model";
import { OwnLinesModel } from "./own-lines";

/** The text of keepalived.conf, without secrets: keepalived.conf includes the password from another file. */
export function renderKeepalivedConf(model: KeepalivedModel): string {
  const { check, eventFile, members, ownLines } = model;
  return [
    [
      "# Written by cdktf-exchange-balancer. The next deploy that changes this host overwrites this file.",
      ...model.notes.map((note) => `# ${note}`),
      ...(ownLines === undefined ? [] : ownLinesNotes(ownLines)),
    ],
    block("global_defs", [
      "enable_script_security",
      "script_user haproxy",
      // With normal process priority, keepalived would send its advertisements late on a busy node.
      ...(model.vrrp.version === 3 ? ["vrrp_priority -20"] : []),
      ...own(ownLines?.globalDefs),
    ]),
    ...(eventFile === undefined ? [] : [block("track_file haproxy_ended", [`file "${eventFile}"`, "weight 0"])]),
    block("vrrp_script haproxy_check", [
      `script "${check.command}"`,
      `interval ${check.interval}`,
      `timeout ${check.timeout}`,
    ]),
    ...(members === undefined
      ? []
      : [
          block("vrrp_script members_check", [
            `script "${members.command}"`,
            `interval ${members.interval}`,
            "timeout 2",
            `weight ${members.weight}`,
          ]),
        ]),
    ...model.instances.map((instance) => instanceBlock(model, instance)),
    ...(ownLines === undefined || ownLines.sections.length === 0 ? [] : [own(ownLines.sections)]),
  ]
    .map((lines) => lines.map((line) => `${line}\n`).join(""))
    .join("\n");
}

/** The comment lines at the top of keepalived.conf that list the user's own lines. */
function ownLinesNotes({ globalDefs, instances, sections }: OwnLinesModel): readonly string[] {
  const places = [["global_defs", globalDefs], ["vrrp_instance", instances], ["own block", sections]] as const;
  return ["# This file contains your own lines (keepalivedLines):", ...places.flatMap(([place, lines]) => lines.map((line) => `#   ${place}: ${line}`))];
}

function own(lines: readonly string[] = []): string[] {
  return lines.length === 0 ? [] : ["# your own lines", ...lines];
}

function instanceBlock({ vrrp, advertInt, notify, members, eventFile, ownLines }: KeepalivedModel, instance: InstanceModel): string[] {
  const v3 = vrrp.version === 3 ? vrrp : undefined;
  return block(`vrrp_instance ${instance.name}`, [
    ...(v3 === undefined ? [] : ["version 3"]),
    `state ${instance.state}`,
    `interface ${instance.interface}`,
    `virtual_router_id ${instance.virtualRouterId}`,
    `priority ${instance.priority}`,
    `advert_int ${advertInt}`,
    ...(vrrp.version === 3
      ? [
          vrrp.preemptDelay === undefined ? "nopreempt" : `preempt_delay ${vrrp.preemptDelay}`,
          `garp_master_repeat ${vrrp.garpRepeat}`,
          `garp_master_refresh ${vrrp.garpRefresh}`,
          // Makes the previous master send one more advertisement. The new master then announces the addresses again.
          "higher_prio_send_advert",
        ]
      : block("authentication", ["auth_type PASS", `include ${vrrp.authFile}`])),
    // unicast_src_ip is missing on purpose. With unicast_src_ip, a keepalived that starts before the node has this
    // address stays in FAULT forever (2.2.7, measured). Without unicast_src_ip, keepalived waits for the interface's
    // first address and continues.
    ...(v3?.unicastPeer === undefined ? [] : [...block("unicast_peer", [v3.unicastPeer]), "check_unicast_src"]),
    ...block("virtual_ipaddress", instance.addresses),
    ...(instance.ipv6Addresses.length === 0 ? [] : block("virtual_ipaddress_excluded", instance.ipv6Addresses)),
    ...block("track_script", ["haproxy_check", ...(members === undefined ? [] : ["members_check"])]),
    ...(eventFile === undefined ? [] : block("track_file", ["haproxy_ended"])),
    ...(notify === undefined ? [] : [`notify "${notify}"`]),
    ...own(ownLines?.instances),
  ]);
}

function block(head: string, lines: readonly string[]): string[] {
  return [`${head} {`, ...lines.map((line) => `    ${line}`), "}"];
}

/** The text of the file that keepalived.conf includes. It contains only the VRRP password. */
export function renderAuthFile(password: string): string {
  return `auth_pass ${password}\n`;
}
