import type { Lab } from "../../test/lab/hosts";

/** The bytes that a contender sent and received by ssh, with IP headers, and the number of its connections. */
export interface Traffic {
  readonly sent: number;
  readonly received: number;
  readonly connections: number;
}

const TABLE = "bench";

/**
 * The firewall table that counts ssh traffic. It counts Terraform's and Ansible's traffic in the same way, because both
 * run in the lab's network namespace.
 */
const RULES = `
table inet ${TABLE}
delete table inet ${TABLE}
table inet ${TABLE} {
  counter sent {}
  counter received {}
  counter connections {}
  chain output {
    type filter hook output priority 0
    tcp dport 22 counter name sent
    tcp dport 22 tcp flags & (syn | ack) == syn counter name connections
  }
  chain input {
    type filter hook input priority 0
    tcp sport 22 counter name received
  }
}
`;

/** Sets the counters to zero. */
export async function count(lab: Lab): Promise<void> {
  await lab.mustInNamespace(["nft", "-f", "-"], { input: RULES });
}

interface Listing {
  readonly nftables: readonly { readonly counter?: { readonly name: string; readonly packets: number; readonly bytes: number } }[];
}

/** The traffic since `count`. */
export async function counted(lab: Lab): Promise<Traffic> {
  const { nftables } = JSON.parse(await lab.mustInNamespace(["nft", "--json", "list", "counters", "table", "inet", TABLE])) as Listing;
  const of = (name: string, what: "packets" | "bytes"): number => nftables.find(({ counter }) => counter?.name === name)?.counter?.[what] ?? NaN;
  return { sent: of("sent", "bytes"), received: of("received", "bytes"), connections: of("connections", "packets") };
}
