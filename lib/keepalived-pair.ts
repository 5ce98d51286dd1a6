import { Resource } from "@cdktf/provider-null/lib/resource";
import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { ANY_CASE, CONFIG_NAME, Checks, INTERFACE, VIRTUAL_ADDRESS, VRRP_PASSWORD, WITHOUT_PREFIX, invalid } from "./checks";
import { deliver, waitFor } from "./delivery/delivery";
import { Failover } from "./failover";
import { HaproxyNode, HostFirewallMode } from "./haproxy-node";
import { haproxyCheckScript } from "./host/scripts";
import { HostState } from "./host/host-state";
import { OS_LAYOUTS } from "./host/os-family";
import { renderAuthFile, renderKeepalivedConf } from "./keepalived/render";

/** The address that the nodes hold between them. */
export interface VirtualAddressProps {
  /**
   * The addresses that clients connect to, held by one node at a time:
   * `10.12.8.15`, or with a prefix length `10.12.8.15/24`. May be tokens.
   */
  readonly virtualAddresses: string[];

  /**
   * The network interface that the addresses are put on, such as `ens192`. May be a token.
   */
  readonly interface: string;

  /**
   * The interface on the backup, where it has another name.
   *
   * @default - the same as `interface`
   */
  readonly backupInterface?: string;

  /**
   * The number that tells this pair from others in the same network, 1 to 255
   * (`virtual_router_id`). Two pairs with one number in one network fight.
   */
  readonly virtualRouterId: number;

  /** How the nodes find out that one is gone. */
  readonly failover: Failover;

  /**
   * The name of the VRRP instance.
   *
   * @default "EMAIL_VIP1"
   */
  readonly instanceName?: string;

  /**
   * The master's priority, 1 to 254. The higher one holds the address.
   *
   * @default 100
   */
  readonly masterPriority?: number;

  /**
   * The backup's priority, 1 to 254, below the master's.
   *
   * @default 75
   */
  readonly backupPriority?: number;
}

/** Properties of `KeepalivedPair`. */
export interface KeepalivedPairProps extends VirtualAddressProps {
  /** The node that holds the address when both are well. */
  readonly master: HaproxyNode;

  /** The node that takes over. */
  readonly backup: HaproxyNode;
}

const CHECK_SCRIPT = "/usr/libexec/keepalived/haproxy-check";
const AUTH_FILE = "/etc/keepalived/vrrp.auth";

/**
 * Two nodes and the address between them. It is one null_resource a node, and it
 * puts the nodes' deployment in order: the backup's haproxy, the backup's
 * keepalived, then the master's, so that a bad change never reaches both.
 *
 * @throws if a prop is not as it says, if both nodes are one, or if a node is in a pair already
 */
export class KeepalivedPair extends Construct {
  /** The addresses that clients connect to, as given. */
  public readonly virtualAddresses: string[];
  /** Depend on this to wait until the address is served. */
  public readonly deployed: ITerraformDependable[];

  public constructor(scope: Construct, id: string, props: KeepalivedPairProps) {
    super(scope, id);
    const { master, backup } = props;
    const checks = Checks.of(this);
    this.checkNodes(checks, master, backup);
    const { failover } = props;
    const masterPriority = checks.integer("masterPriority", props.masterPriority ?? 100, 1, 254);
    const backupPriority = checks.integer("backupPriority", props.backupPriority ?? 75, 1, 254);
    if (masterPriority <= backupPriority) {
      throw invalid(this.node.path, "backupPriority", `below masterPriority (${masterPriority})`, backupPriority);
    }
    this.virtualAddresses = this.checkAddresses(checks, props);
    const masterInterface = checks.text("interface", props.interface, INTERFACE);
    const backupInterface = checks.text("backupInterface", props.backupInterface ?? props.interface, INTERFACE);
    const shared = {
      instanceName: checks.text("instanceName", props.instanceName ?? "EMAIL_VIP1", CONFIG_NAME),
      virtualRouterId: checks.integer("virtualRouterId", props.virtualRouterId, 1, 255),
      authPass: checks.secret("failover.authPass", failover._authPass, VRRP_PASSWORD),
    };

    const deploy = (role: string, node: HaproxyNode, state: HostState, after: Resource[]): Resource =>
      deliver(this, role, {
        connection: node._connection,
        host: node.host,
        instanceId: node._instanceId,
        redeliver: node._redeliver,
        state,
        checks: [...checks.tokenChecks, ...node._checks.tokenChecks],
        leaving: node._leaving,
        after,
      });
    const state = (node: HaproxyNode, role: "MASTER" | "BACKUP", onInterface: string, priority: number): HostState => {
      return {
        part: "keepalived",
        os: { family: node.os._family, version: node.os._majorVersion },
        packages: ["keepalived", ...(managed(node) ? OS_LAYOUTS[node.os._family].firewallPackages : [])],
        files: [
          {
            path: "/etc/keepalived/keepalived.conf",
            mode: "0644",
            usedBy: "keepalived",
            content: renderKeepalivedConf({
              ...shared,
              state: role,
              interface: onInterface,
              priority,
              advertInt: failover._advertInt,
              authFile: AUTH_FILE,
              virtualAddresses: this.virtualAddresses,
              check: {
                script: CHECK_SCRIPT,
                port: node.healthPort,
                interval: failover._checkInterval,
                // A run that hangs ends before the next begins.
                timeout: Math.min(3, failover._checkInterval),
              },
            }),
          },
          { path: CHECK_SCRIPT, mode: "0755", usedBy: "keepalived", content: haproxyCheckScript() },
          { path: AUTH_FILE, mode: "0600", usedBy: "keepalived", content: renderAuthFile(shared.authPass), secret: true },
        ],
        beforeLive: [],
        seBooleans: [],
        firewall: managed(node)
          ? { sshPort: node._sshPort, ports: [], richRules: ['rule protocol value="vrrp" accept'] }
          : undefined,
        services: ["keepalived"],
        listens: [],
      };
    };
    const onBackup = deploy("Backup", backup, state(backup, "BACKUP", backupInterface, backupPriority), [backup._resource]);
    waitFor(master._resource, onBackup);
    const onMaster = deploy("Master", master, state(master, "MASTER", masterInterface, masterPriority), [master._resource]);
    this.deployed = [onBackup, onMaster];
  }

  private checkNodes(checks: Checks, master: HaproxyNode, backup: HaproxyNode): void {
    checks.different("master's and backup's host", [master.host, backup.host], ANY_CASE);
    for (const node of [master, backup]) {
      if (node._pair !== undefined) {
        throw new Error(`${node.node.path} must be in one pair only, it is in ${node._pair} already [${this.node.path}]`);
      }
      node._pair = this.node.path;
    }
  }

  private checkAddresses(checks: Checks, { virtualAddresses, master, backup }: KeepalivedPairProps): string[] {
    checks.list("virtualAddresses", virtualAddresses, 1, 20, "1 to 20 addresses (what one VRRP packet holds)");
    virtualAddresses.forEach((address, index) => checks.text(`virtualAddresses[${index}]`, address, VIRTUAL_ADDRESS));
    checks.different("virtualAddresses", virtualAddresses, WITHOUT_PREFIX);
    for (const address of virtualAddresses) {
      for (const node of [master, backup]) {
        checks.different("virtualAddresses and the nodes' own", [node.host, address], WITHOUT_PREFIX);
      }
    }
    return virtualAddresses;
  }
}

function managed(node: HaproxyNode): boolean {
  return node._firewall === HostFirewallMode.FIREWALLD;
}
