/** The hosts and networks of the lab: one bridge in one network namespace, addresses from the benchmarking range. */
import { LAB } from "./paths";

export const BRIDGE = "br0";
export const GATEWAY = "198.18.0.1";
export const PREFIX_LENGTH = 24;
/** The network interface as seen inside a host. */
export const INTERFACE = "host0";
/** The management network of the balancers, separate from the network for mail. */
export const MANAGEMENT = { bridge: "br1", gateway: "198.19.0.1", interface: "mgmt0" } as const;
export const managementAddress = (plan: HostPlan): string => plan.address.replace("198.18.0.", "198.19.0.");
export const DOMAIN = "lab.test";
export const VIRTUAL_ADDRESS = "198.18.0.15";
export const CLIENT_NAMES = [`mail.${DOMAIN}`, `autodiscover.${DOMAIN}`] as const;

/** `border` and `outer` are hosts of two further networks that border.lab.ts brings up. */
export type HostKind = "balancer" | "exchange" | "client" | "border" | "outer";

export interface HostPlan {
  readonly name: string;
  readonly kind: HostKind;
  readonly address: string;
  /** Further addresses of the host's interface. A test can use them as source addresses. */
  readonly extraAddresses: readonly string[];
  readonly zone: Zone;
}

/**
 * The networks, each with a bridge, a gateway, its address range (`network`) and a range that contains the other
 * networks (`others`). The lab's namespace routes between the networks.
 */
export const ZONES = {
  inside: { bridge: BRIDGE, gateway: GATEWAY, network: "198.18.0.0/24", others: "198.18.2.0/23" },
  dmz: { bridge: "br2", gateway: "198.18.2.1", network: "198.18.2.0/24", others: "198.18.0.0/16" },
  outside: { bridge: "br3", gateway: "198.18.3.1", network: "198.18.3.0/24", others: "198.18.0.0/16" },
} as const;
export type Zone = keyof typeof ZONES;

const host = (name: string, kind: HostKind, last: number, extra: readonly number[] = []): HostPlan => ({
  name,
  kind,
  address: `198.18.0.${last}`,
  extraAddresses: extra.map((n) => `198.18.0.${n}`),
  zone: "inside",
});

export const HOSTS: readonly HostPlan[] = [
  host("lb01", "balancer", 11),
  host("lb02", "balancer", 12),
  host("exch01", "exchange", 21),
  host("exch02", "exchange", 22),
  host("client", "client", 31, [32, 33, 34, 35, 36, 37, 38, 39]),
];

/** The border proxies' virtual address. For clients outside, the mail names resolve to this address. */
export const BORDER_ADDRESS = "198.18.2.15";

/** Two border proxies in the DMZ, and a client outside. Only border.lab.ts needs these hosts, and brings them up. */
export const BORDER_HOSTS: readonly HostPlan[] = [
  { name: "bd01", kind: "border", address: "198.18.2.11", extraAddresses: [], zone: "dmz" },
  { name: "bd02", kind: "border", address: "198.18.2.12", extraAddresses: [], zone: "dmz" },
  { name: "out01", kind: "outer", address: "198.18.3.31", extraAddresses: ["198.18.3.32", "198.18.3.33", "198.18.3.34"], zone: "outside" },
];

/** Whether deploys go to the host. */
export const isNode = ({ kind }: HostPlan): boolean => kind === "balancer" || kind === "border";

export function planOf(name: string): HostPlan {
  const found = [...HOSTS, ...BORDER_HOSTS].find((plan) => plan.name === name);
  if (found === undefined) {
    throw new Error(`The lab has no host "${name}". It has: ${HOSTS.map((plan) => plan.name).join(", ")}.`);
  }
  return found;
}

export const fqdn = (plan: HostPlan): string => `${plan.name}.${DOMAIN}`;

/** The text of /etc/hosts for a host. Each host has one, because the lab has no DNS. */
export function hostsFile(self: HostPlan): string {
  return [
    "127.0.0.1 localhost",
    "::1 localhost ip6-localhost",
    ...[...HOSTS, ...BORDER_HOSTS].map((plan) => `${plan.address} ${fqdn(plan)} ${plan.name}`),
    // Outside, the names resolve to the border proxies.
    `${self.zone === "outside" ? BORDER_ADDRESS : VIRTUAL_ADDRESS} ${CLIENT_NAMES.join(" ")}`,
    `# this host is ${self.name}`,
    "",
  ].join("\n");
}

/**
 * A container's name. It is unique on this machine. With the prefix `vm-` or `vb-`, it is an interface name, which has
 * at most 15 characters.
 */
export const machineName = (plan: HostPlan): string => `${LAB}-${plan.name}`;
export const managementSideInterface = (plan: HostPlan): string => `vm-${machineName(plan)}`;
export const hostSideInterface = (plan: HostPlan): string => `vb-${machineName(plan)}`;
