/** The user's own lines for keepalived.conf. Synthesis has already checked these lines. */
export interface OwnLinesModel {
  readonly globalDefs: readonly string[];
  readonly instances: readonly string[];
  readonly sections: readonly string[];
}

export type Place = keyof OwnLinesModel;

const PROMISE = "the failover of this library depends on this keyword";
const ADDRESSES = "use the props virtualAddresses, virtualIpv6Addresses and interface";

/**
 * For each section, the keywords that are refused there: keyword -> why it is refused. Inside a block that the user's
 * lines open in the section, these keywords are accepted.
 */
const REFUSED: Readonly<Record<Exclude<Place, "sections">, Readonly<Record<string, string>>>> = {
  globalDefs: {
    script_user: PROMISE, enable_script_security: PROMISE, vrrp_priority: PROMISE, vrrp_version: PROMISE, vrrp_strict: PROMISE, vrrp_mcast_group4: PROMISE, vrrp_mcast_group6: PROMISE,
    net_namespace: PROMISE, instance: PROMISE, use_pid_dir: PROMISE, namespace_with_ipsets: PROMISE, vrrp_startup_delay: PROMISE, data_use_instance: PROMISE,
  },
  instances: {
    version: PROMISE, state: PROMISE, priority: "use the props masterPriority and backupPriority", virtual_router_id: "use the prop virtualRouterId", advert_int: "use the prop failover", nopreempt: "use the prop failover",
    preempt: "use the prop failover", preempt_delay: "use the prop failover", interface: ADDRESSES, virtual_ipaddress: ADDRESSES, virtual_ipaddress_excluded: ADDRESSES, authentication: PROMISE,
    unicast_peer: PROMISE, unicast_src_ip: PROMISE, mcast_src_ip: PROMISE, check_unicast_src: PROMISE, track_script: PROMISE, track_file: PROMISE, track_process: PROMISE, higher_prio_send_advert: PROMISE,
    garp_master_refresh: "use the prop failover", garp_master_repeat: "use the prop failover", use_vmac: PROMISE, vmac_xmit_base: PROMISE, strict_mode: PROMISE, accept: PROMISE, no_accept: PROMISE,
    skip_check_adv_addr: PROMISE, native_ipv6: PROMISE, kernel_rx_buf_size: PROMISE,
  },
};

/** The blocks that users may add. Any other block could run a program, or define a VRRP instance or a load balancer. */
const SECTIONS = /^(vrrp_sync_group [A-Za-z0-9_.-]+|vrrp_track_process [A-Za-z0-9_.-]+|static_ipaddress|static_routes|static_rules) \{$/;

/**
 * The form of a line: words without characters that begin a comment, a definition or a condition. An opening brace is
 * allowed only at the end of a line, and a closing brace only on a line of its own.
 */
const LINE = /^([A-Za-z0-9"/:][A-Za-z0-9 ._:/@,"+=<>%*()-]*?( \{)?|\})$/;

/**
 * Finds the first refused line: `at` is its index, and `why` says why it is refused. Undefined if all lines are accepted.
 * `place` is the section that receives the lines.
 */
export function refusedLines(lines: readonly string[], place: Place): { readonly at: number; readonly why: string } | undefined {
  let depth = 0;
  for (const [at, line] of lines.entries()) {
    const why = refusedLine(line, place, depth);
    if (why !== undefined) return { at, why };
    depth += line.endsWith("{") ? 1 : line === "}" ? -1 : 0;
    if (depth < 0) return { at, why: "the line closes a block that is not open" };
  }
  return depth === 0 ? undefined : { at: lines.length - 1, why: "the block is not closed" };
}

function refusedLine(line: string, place: Place, depth: number): string | undefined {
  if (line.length > 500) return "the line has more than 500 characters";
  if (!LINE.test(line) || (line.match(/"/g) ?? []).length % 2 !== 0) return "keepalived might read the line as several lines, a comment, a definition or a condition";
  const [keyword = ""] = line.split(" ");
  if (keyword.includes('"') && depth === 0) return "the first word of the line contains quotes";
  if (/^(include|includer|includem|includew|includeb|includea)$/.test(keyword)) return "the line includes another file, and synthesis does not check that file";
  if (/^notify/.test(keyword)) return "use the prop notifyCommand";
  if (line === "}" || depth > 0) return undefined;
  if (place === "sections") return SECTIONS.test(line) ? undefined : "only these blocks are allowed here: vrrp_sync_group, vrrp_track_process, static_ipaddress, static_routes and static_rules";
  const table = REFUSED[place];
  return Object.hasOwn(table, keyword) ? table[keyword] : undefined;
}
