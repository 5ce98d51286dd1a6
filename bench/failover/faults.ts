import type { Host } from "../../test/lab/hosts";

/** A fault of the node that holds the address, and how the bench repairs it. */
export interface Fault {
  readonly name: string;
  /**
   * The profiles in which keepalived is notified of this fault. In the other profiles, keepalived must detect this
   * fault by a check.
   */
  readonly told: readonly string[];
  readonly happens: (node: Host) => Promise<unknown>;
  readonly heals: (node: Host) => Promise<unknown>;
}

/**
 * The file that turns off the restart of haproxy. Debian's unit restarts haproxy after 0.1 s, which would hide the
 * failover.
 */
const NO_RESTART = "/run/systemd/system/haproxy.service.d/99-bench.conf";
const KILL = "kill -KILL $(pidof haproxy)";

export const FAULTS: readonly Fault[] = [
  {
    name: "haproxy killed, stays down",
    told: ["fast", "lan"],
    happens: (node) => node.must(KILL),
    heals: (node) => node.must("systemctl reset-failed haproxy; systemctl start haproxy"),
  },
  {
    name: "haproxy hung (SIGSTOP)",
    told: [],
    happens: (node) => node.must("kill -STOP $(pidof haproxy)"),
    heals: (node) => node.must("kill -CONT $(pidof haproxy)"),
  },
  { name: "link down", told: ["fast", "lan"], happens: (node) => node.linkDown(), heals: (node) => node.linkUp() },
  {
    name: "planned move (keepalived stopped)",
    told: ["article", "fast", "lan"],
    happens: (node) => node.must("systemctl stop keepalived"),
    heals: (node) => node.must("systemctl start keepalived"),
  },
];

/** Turns off the restart of haproxy on a node. */
export async function withoutRestart(node: Host): Promise<void> {
  await node.must(`mkdir -p /run/systemd/system/haproxy.service.d && printf "[Service]\\nRestart=no\\n" >${NO_RESTART} && systemctl daemon-reload`);
}

export async function withRestart(node: Host): Promise<void> {
  await node.must(`rm -f ${NO_RESTART} && systemctl daemon-reload`);
}
