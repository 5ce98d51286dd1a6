import { Fn, ITerraformDependable, Token } from "cdktf";
import { Construct } from "constructs";
import { Checks } from "./validation/checks";
import { inNetworkOf } from "./validation/addresses";
import { claimVirtualAddresses } from "./validation/claims";
import { invalid, refused, wrong } from "./validation/errors";
import { CONFIG_LINE, CONFIG_NAME, INTERFACE, IPV4_HOST, IPV6_HOST, PROGRAM, VIRTUAL_ADDRESS, VIRTUAL_IPV6_ADDRESS, VRRP_ADDRESS, VRRP_PASSWORD } from "./validation/rules";
import { dependOn } from "./delivery/depend-on";
import { toolOf } from "./delivery/shell-locals";
import { HAPROXY_FEATURES } from "./haproxy/versions";
import { sameTexts } from "./delivery/same-texts";
import { SAME_HOST, SAME_PORT } from "./validation/sameness";
import { checkStruct } from "./validation/shape";
import { Failover, TakeoverTimes } from "./choices/failover";
import { TransparentProxy } from "./choices/transparent-proxy";
import { KeepalivedLines } from "./choices/keepalived-lines";
import { HaproxyNode } from "./haproxy-node/haproxy-node";
import { withPort } from "./haproxy-node/other-hosts";
import { HAPROXY_NODE } from "./haproxy-node/props";
import { KEEPALIVED_PAIR } from "./keepalived-pair-shape";
import { RoutingModel, routingPart } from "./host/routing";
import { routesFor, transparentModel } from "./haproxy-node/transparent";
import { EVENT_FILE, failoverUnits, keepalivedRestart, pairNote } from "./host/failover-units";
import { madeLate } from "./host/host-file";
import { HostPart } from "./host/part";
import { haproxyCheckScript } from "./host/scripts";
import { vrrpLanguage } from "./keepalived/language";
import { PAIR_ANSWER } from "./haproxy/render";
import { InstanceModel, KeepalivedModel } from "./keepalived/model";
import { OwnLinesModel, Place, refusedLines } from "./keepalived/own-lines";
import { renderPairFile } from "./keepalived/pair-file";
import { ReviewModel } from "./review/model";
import { noteForReview } from "./review/notes";
import { renderAuthFile, renderKeepalivedConf } from "./keepalived/render";

/** An address for a precondition's message. The message must not contain a reference, so a token's value is not shown. */
const shownAddress = (address: string): string => (Token.isUnresolved(address) ? "see its value" : address);

/** Virtual addresses that the backup node holds while both nodes are healthy. */
export interface ActiveActiveProps {
  /**
   * The virtual IPv4 addresses, with or without a prefix length. May be tokens.
   */
  readonly virtualAddresses: string[];

  /**
   * Virtual IPv6 addresses that move together with `virtualAddresses`. May be tokens.
   *
   * @default - none
   */
  readonly virtualIpv6Addresses?: string[];

  /**
   * The VRRP router id of this group of addresses, 1 to 255. It must differ from the pair's `virtualRouterId`.
   */
  readonly virtualRouterId: number;

  /**
   * The name of the group's VRRP instance.
   *
   * @default "EMAIL_VIP2"
   */
  readonly instanceName?: string;
}

/** The virtual addresses of a pair, and how they move from node to node. */
export interface VirtualAddressProps {
  /**
   * The virtual IPv4 addresses that clients connect to, such as `10.12.8.15` or `10.12.8.15/24`. One node holds all of
   * these addresses at a time. May be tokens.
   */
  readonly virtualAddresses: string[];

  /**
   * Virtual IPv6 addresses that move together with `virtualAddresses`, such as `2001:db8::15/64`. IPv4 addresses are
   * still required, because VRRP runs over IPv4, and Exchange supports IPv6 only together with IPv4. May be tokens.
   *
   * @default - none
   */
  readonly virtualIpv6Addresses?: string[];

  /**
   * Further virtual addresses, which the backup node holds while both nodes are healthy. So both nodes serve. Each node
   * must be able to carry the whole load alone.
   *
   * @default - none: the backup node serves only if the master node fails
   */
  readonly activeActive?: ActiveActiveProps;

  /**
   * Whether Exchange sees the clients' own addresses instead of the balancers' addresses. Deploy first with
   * `TransparentProxy.routing()`, and then with `TransparentProxy.clients()`. Needs HAProxy 2.9 or newer (Debian 13, RHEL 10,
   * Ubuntu 26.04). Members must be given by IPv4 address, and must have a virtual address as their default gateway.
   * docs/guards.md has the steps.
   *
   * @default - Exchange sees the balancers' addresses
   * @throws if a node's HAProxy is older than 2.9, if a member's `host` is not an IPv4 address, if `activeActive` is
   * set, or if the nodes are border proxies
   */
  readonly transparentProxy?: TransparentProxy;

  /**
   * The network interface that carries the virtual addresses, such as `ens192`. May be a token.
   */
  readonly interface: string;

  /**
   * The network interface on the backup node, if its name is different there.
   *
   * @default - the same as `interface`
   */
  readonly backupInterface?: string;

  /**
   * The master node's first IPv4 address on `interface`. keepalived sends VRRP from this address, and the backup node
   * accepts VRRP only from this address. May be a token.
   *
   * @default - the master node's `host`, which must then be an IPv4 address
   */
  readonly masterVrrpAddress?: string;

  /**
   * The backup node's first IPv4 address on its interface. keepalived sends VRRP from this address, and the master node
   * accepts VRRP only from this address. May be a token.
   *
   * @default - the backup node's `host`, which must then be an IPv4 address
   */
  readonly backupVrrpAddress?: string;

  /**
   * The TCP port on which the nodes tell each other which configuration they serve (docs/failover.md). On this port, the
   * firewall lets in only the other node. With `HostFirewallMode.UNMANAGED`, open this port between the nodes yourself.
   *
   * @default 8405
   */
  readonly pairPort?: number;

  /**
   * The VRRP router id (`virtual_router_id`), 1 to 255. Each pair in a network needs its own id, because two pairs with
   * the same id disturb each other.
   */
  readonly virtualRouterId: number;

  /**
   * How the nodes notice that one of them has failed, and how long this takes.
   *
   * @default Failover.fast()
   */
  readonly failover?: Failover;

  /**
   * A program on both nodes that keepalived runs after each change of state, as user `haproxy`. Its arguments are the
   * word `INSTANCE`, the instance's name, the state (`MASTER`, `BACKUP` or `FAULT`) and the priority. Only root may
   * have permission to change the program.
   *
   * @default - none: keepalived only logs each change to syslog
   */
  readonly notifyCommand?: string;

  /**
   * Your own lines for keepalived.conf, on both nodes. Before the lines go live, keepalived on the host checks them.
   *
   * @default - none
   */
  readonly keepalivedLines?: KeepalivedLines;

  /**
   * The name of the pair's VRRP instance.
   *
   * @default "EMAIL_VIP1"
   */
  readonly instanceName?: string;

  /**
   * The master node's priority, 1 to 254. The node with the higher priority holds the virtual addresses.
   *
   * @default - 250; 100 with `Failover.article()`
   */
  readonly masterPriority?: number;

  /**
   * The backup node's priority, 1 to 254, lower than `masterPriority`. The higher this value, the sooner the backup node
   * takes over.
   *
   * @default - 240; 75 with `Failover.article()`
   */
  readonly backupPriority?: number;
}

/** Properties of `KeepalivedPair`. */
export interface KeepalivedPairProps extends VirtualAddressProps {
  /** The node that holds the virtual addresses while both nodes are healthy. */
  readonly master: HaproxyNode;

  /** The node that takes over if the master node fails. */
  readonly backup: HaproxyNode;

  /**
   * Resources or constructs that must be deployed before the nodes, in addition to the nodes' own `dependsOn`.
   *
   * @default - nothing else
   */
  readonly dependsOn?: ITerraformDependable[];
}

const CHECK_SCRIPT = "/usr/libexec/keepalived/haproxy-check";
const AUTH_FILE = "/etc/keepalived/vrrp.auth";
const PAIR_FILE = "/etc/keepalived/pair";

/** The keepalived settings of one node of the pair. */
interface Side {
  readonly node: HaproxyNode;
  readonly interface: string;
  readonly peer: string;
  readonly first: boolean;
}

/** A group of addresses that move together. */
interface Group {
  readonly name: string;
  readonly routerId: number;
  readonly addresses: readonly string[];
  readonly ipv6Addresses: readonly string[];
  /** Whether the pair's master node is the preferred holder of the addresses. */
  readonly onMaster: boolean;
}

/**
 * Two nodes that share virtual addresses. The construct adds keepalived to both nodes, and orders their deploys: first
 * the backup node, then the master node. If a change fails on the backup node, the master node is not touched. So a bad
 * change never reaches both nodes.
 *
 * @throws if a prop is invalid, if both nodes are the same host, if a node is already in a pair, if another pair of the
 * app has the same address, or if another pair in the same network has the same router id
 * @example
 * new KeepalivedPair(this, "Vip", {
 *   master: lb01,
 *   backup: lb02,
 *   virtualAddresses: ["10.12.8.15"],
 *   interface: "ens192",
 *   backupInterface: "eth0",
 *   virtualRouterId: 233,
 * });
 */
export class KeepalivedPair extends Construct implements ITerraformDependable {
  /** The virtual addresses as given: first the pair's own addresses, then the addresses of `activeActive`. */
  public readonly virtualAddresses: string[];
  /** Use these, or the construct itself, in `dependsOn` to wait until the pair serves its virtual addresses. */
  public readonly deployed: ITerraformDependable[];
  /**
   * The longest time for which a virtual address is unavailable, for each kind of fault. The same figures are at the
   * top of keepalived.conf.
   */
  public readonly takeoverTimes: TakeoverTimes;

  /** @internal */
  public readonly _nodes: readonly [HaproxyNode, HaproxyNode];

  private readonly master: HaproxyNode;
  private readonly backup: HaproxyNode;
  private readonly failover: Failover;
  private readonly groups: readonly Group[];
  private readonly priorities: readonly [number, number];
  private readonly notify: string | undefined;
  private readonly ownLines: OwnLinesModel | undefined;
  private readonly nodes: readonly string[];
  private readonly pairPort: number;
  /**
   * Whether haproxy gets the same files on both nodes. If so, a difference between the hosts shows that one host is not
   * up to date. Undefined until synthesis compares the files.
   */
  private alike: boolean | undefined;

  public constructor(scope: Construct, id: string, props: KeepalivedPairProps) {
    super(scope, id);
    // ExchangeBalancer passes all of its props on, so the props of HaproxyNode are accepted here, too.
    checkStruct(this.node.path, "props", props, KEEPALIVED_PAIR, Object.keys(HAPROXY_NODE));
    const { master, backup } = props;
    const checks = Checks.of(this);
    this.checkNodes(checks, master, backup);
    this.master = master;
    this.backup = backup;
    this._nodes = [master, backup];
    this.failover = props.failover ?? Failover.fast();
    this.priorities = this.checkPriorities(checks, props);
    this.groups = this.checkGroups(checks, props);
    this.virtualAddresses = this.groups.flatMap(({ addresses, ipv6Addresses }) => [...addresses, ...ipv6Addresses]);
    this.takeoverTimes = this.failover._takeoverTimes(this.priorities[1]);
    this.notify = props.notifyCommand === undefined ? undefined : checks.known("notifyCommand", props.notifyCommand, PROGRAM);
    this.ownLines = this.checkOwnLines(checks, props.keepalivedLines);
    const authPass = this.failover._article && checks.secret("failover.authPass", this.failover._article.authPass, VRRP_PASSWORD);

    const masterAddress = checks.text("masterVrrpAddress", props.masterVrrpAddress ?? master.host, VRRP_ADDRESS);
    const backupAddress = checks.text("backupVrrpAddress", props.backupVrrpAddress ?? backup.host, VRRP_ADDRESS);
    checks.different("master's and backup's VRRP address", [masterAddress, backupAddress]);
    this.checkNetworks(checks, { masterVrrpAddress: masterAddress, backupVrrpAddress: backupAddress });
    this.checkServed(checks, [master, backup]);
    const onMaster: Side = {
      node: master,
      interface: checks.text("interface", props.interface, INTERFACE),
      peer: backupAddress,
      first: true,
    };
    const onBackup: Side = {
      node: backup,
      interface: checks.text("backupInterface", props.backupInterface ?? props.interface, INTERFACE),
      peer: masterAddress,
      first: false,
    };
    this.nodes = [masterAddress, backupAddress];
    const { transparentProxy } = props;
    if (transparentProxy !== undefined) this.checkTransparent(checks, transparentProxy, props);
    this.pairPort = checks.integer("pairPort", props.pairPort ?? 8405, 1, 65535);
    for (const side of [onMaster, onBackup]) {
      const { node, peer } = side;
      if (node._ports.includes(this.pairPort)) throw invalid(this.node.path, "pairPort", "a port that nothing else uses", this.pairPort);
      node._joinPair({ port: this.pairPort, nodes: this.nodes, host: node.host, peer, transparent: transparentModel(transparentProxy) });
    }
    for (const side of [onMaster, onBackup]) {
      const { node } = side;
      if (transparentProxy !== undefined) node._addPart(this.routing(side, transparentProxy), () => []);
      node._addPart(this.part(side, authPass), () => checks.tokenChecks);
    }
    master._resource.waitFor(backup._resource);
    this.deployed = [backup._resource, master._resource];
    for (const node of [master, backup]) dependOn(node, props.dependsOn);
    noteForReview(this, () => [this.review(master, masterAddress, backup, backupAddress)]);
  }

  /** The review model of the pair. Both nodes serve the same services, so the model has the master's services. */
  private review(master: HaproxyNode, masterAddress: string, backup: HaproxyNode, backupAddress: string): ReviewModel {
    const { node: first, warnings, ...served } = master._review();
    const { node: second, warnings: others } = backup._review();
    return {
      ...served,
      path: this.node.scope?.node.path ?? this.node.path,
      groups: this.groups.map(({ name, routerId, addresses, ipv6Addresses, onMaster }) => ({
        name,
        routerId,
        ipv4: addresses,
        ipv6: ipv6Addresses,
        holder: (onMaster ? first : second).role,
      })),
      nodes: [
        { ...first, vrrpAddress: masterAddress, pairPort: this.pairPort },
        { ...second, vrrpAddress: backupAddress, pairPort: this.pairPort },
      ],
      takeover: this.takeoverTimes,
      warnings: [...warnings, ...others],
    };
  }

  /**
   * The Terraform address of the master node's resource, for `dependsOn`. Terraform deploys the master node last, so a
   * resource that depends on this address waits for both nodes.
   */
  public get fqn(): string {
    return this.master.fqn;
  }

  /** The first IPv4 address of each group of virtual addresses. @internal */
  public get _entries(): readonly string[] {
    return this.groups.flatMap(({ addresses }) => addresses.slice(0, 1)).map(withoutLength);
  }

  /** The part that the pair adds to a node: keepalived and its files. */
  private part(side: Side, authPass: string | undefined): HostPart {
    const units = this.failover._fast === undefined ? [pairNote(), keepalivedRestart()] : failoverUnits();
    const model = this.model(side);
    return {
      name: "keepalived",
      packages: ["keepalived"],
      version: side.node.os.keepalivedVersion,
      files: [
        {
          path: "/etc/keepalived/keepalived.conf",
          mode: "0644",
          usedBy: "keepalived",
          content: renderKeepalivedConf(model),
        },
        { path: CHECK_SCRIPT, mode: "0755", usedBy: "keepalived", content: haproxyCheckScript() },
        // haproxy-check reads this file at each run, so keepalived needs no reload after a change of the file.
        madeLate({ path: PAIR_FILE, mode: "0644", usedBy: "none" }, () => this.pairFile(side, model)),
        ...units,
        ...(authPass === undefined
          ? []
          : [{ path: AUTH_FILE, mode: "0600", usedBy: "keepalived", content: renderAuthFile(authPass), secret: true } as const]),
      ],
      beforeLive: [],
      seBooleans: [],
      interface: side.interface,
      virtualAddresses: this.groups.flatMap(({ addresses, ipv6Addresses }) => [...addresses, ...ipv6Addresses]),
      openings: [{ to: "vrrp", from: side.peer }],
      services: ["keepalived"],
      listens: [],
    };
  }

  private pairFile(side: Side, model: KeepalivedModel): string {
    const { master, backup } = this;
    this.alike ??= sameTexts(this, master._served([PAIR_ANSWER]), backup._served([PAIR_ANSWER]));
    return renderPairFile({
      port: this.pairPort,
      interface: side.interface,
      peer: side.peer,
      addresses: this.groups.flatMap(({ addresses }) => addresses),
      language: vrrpLanguage(model, this.nodes),
      alike: this.alike,
    });
  }

  private model(side: Side): KeepalivedModel {
    const [high, low] = this.priorities;
    const { preferredState, ...failover } = this.failover._toModel({
      checkCommand: `${CHECK_SCRIPT} ${side.node.healthPort}`,
      eventFile: EVENT_FILE,
      authFile: AUTH_FILE,
      peer: side.peer,
      priorities: this.priorities,
    });
    return {
      ...failover,
      notify: this.notify,
      ownLines: this.ownLines,
      instances: this.groups.map((group): InstanceModel => {
        const preferred = group.onMaster === side.first;
        return {
          name: group.name,
          state: preferred ? preferredState : "BACKUP",
          interface: side.interface,
          virtualRouterId: group.routerId,
          priority: preferred ? high : low,
          addresses: group.addresses,
          ipv6Addresses: group.ipv6Addresses,
        };
      }),
    };
  }

  private routing({ node, first, peer, interface: card }: Side, proxy: TransparentProxy): HostPart {
    const model: RoutingModel = {
      node: first ? 1 : 2,
      interface: card,
      peer,
      gateways: this.groups.flatMap(({ addresses }) => addresses).map(withoutLength),
      ipv6Gateways: proxy._ipv6 === undefined ? [] : this.groups.flatMap(({ ipv6Addresses }) => ipv6Addresses).map(withoutLength),
      clients: proxy._clients,
      ...routesFor(node._props, proxy),
      ...(proxy._ipv6 === undefined ? {} : { ipv6Peer: first ? proxy._ipv6.backupAddress : proxy._ipv6.masterAddress }),
    };
    return routingPart(model, node._layout.routingPackages, (name) => toolOf(this, name));
  }

  /**
   * Checks what transparentProxy needs: a member's answers must return to the node that sent the request, and HAProxy
   * must not run as root.
   */
  private checkTransparent(checks: Checks, proxy: TransparentProxy, props: KeepalivedPairProps): void {
    const no = (why: string): Error => refused(this.node.path, `transparentProxy must be left out ${why}`);
    for (const { _props: { os, dag }, node } of this._nodes) {
      if (dag._border !== undefined) throw no("on a border proxy, because the members of a border proxy are balancers");
      if (!HAPROXY_FEATURES[os._haproxy].keepsCapabilities) {
        throw no(`with HAProxy ${os.haproxyVersion} (${node.path}), because this version would have to run as root; HAProxy 2.9 and newer (such as in Debian 13) needs only CAP_NET_ADMIN`);
      }
    }
    for (const { members } of new Set(this._nodes.map(({ _props: { dag } }) => dag))) {
      members.forEach(({ host }, index) => checks.text(`with transparentProxy, members[${index}].host of the dag`, host, IPV4_HOST));
    }
    if (props.activeActive !== undefined) throw no("with activeActive, because the members' default gateway is on one node, but clients connect to both nodes");
    const { _ipv6: ipv6 } = proxy;
    const members = this.master._props.dag.members.length;
    if (ipv6 === undefined) {
      if (this.master._ipv6 || this.backup._ipv6) throw wrong(this.node.path, "transparentProxy's ipv6", "set if the nodes serve IPv6", "none");
      if (this.master._border !== undefined || this.backup._border !== undefined) throw wrong(this.node.path, "transparentProxy's ipv6", "set if the prop border is set, because a border proxy may pass on connections of IPv6 clients", "none");
      return;
    }
    const prop = "transparentProxy's ipv6";
    if (this.groups.every(({ ipv6Addresses }) => ipv6Addresses.length === 0)) throw refused(this.node.path, `${prop} must be left out unless virtualIpv6Addresses is set, because the members need a virtual IPv6 address as their gateway`);
    checks.list(`${prop}.memberAddresses`, ipv6.memberAddresses, members, members, `one address for each of the DAG's ${members} members`);
    ipv6.memberAddresses.forEach((address, index) => checks.text(`${prop}.memberAddresses[${index}]`, address, IPV6_HOST));
    checks.text(`${prop}.masterAddress`, ipv6.masterAddress, IPV6_HOST);
    checks.text(`${prop}.backupAddress`, ipv6.backupAddress, IPV6_HOST);
    const virtual = this.groups.flatMap(({ ipv6Addresses }) => ipv6Addresses).map(withoutLength);
    checks.different("transparentProxy's addresses and the virtual addresses", [...virtual, ...ipv6.memberAddresses, ipv6.masterAddress, ipv6.backupAddress], SAME_HOST);
  }

  private checkNodes(checks: Checks, master: HaproxyNode, backup: HaproxyNode): void {
    checks.different("master's and backup's host", [master.host, backup.host], SAME_HOST);
    if (master._away && backup._away) throw wrong(this.node.path, "away", "true for at most one of the two nodes", "true for both");
    for (const node of [master, backup]) {
      if (node._pair !== undefined) {
        throw refused(this.node.path, `${node.node.path} must be in one pair only, but it is already in ${node._pair}`);
      }
      node._pair = this.node.path;
      node._partners.push(node === master ? backup : master);
    }
  }

  /**
   * If prefix lengths are known, checks that VRRP runs in the network of the virtual addresses, and not in a management
   * network.
   */
  private checkNetworks(checks: Checks, vrrpAddresses: { readonly [prop: string]: string }): void {
    const virtual = this.groups.flatMap(({ addresses }) => addresses);
    for (const [prop, vrrpAddress] of Object.entries(vrrpAddresses)) {
      const expected = `in the network of a virtual address (${virtual.map(shownAddress).join(", ")}); the default is the node's host`;
      checks.between(prop, vrrpAddress, virtual, expected, inNetworkOf);
      virtual.forEach((address, index) => checks.apart(prop, vrrpAddress, `virtualAddresses[${index}]`, address));
    }
  }

  /**
   * Checks that each service with an address of its own is bound to a virtual address. An address that does not move
   * with the pair would not be served after a takeover.
   */
  private checkServed(checks: Checks, nodes: readonly HaproxyNode[]): void {
    const addresses = new Map(nodes.flatMap(({ _addresses }) => [..._addresses].map((entry) => [entry.join(" "), entry] as const))).values();
    const expected = `one of the virtual addresses (${this.virtualAddresses.map(shownAddress).join(", ")})`;
    for (const [prop, address] of addresses) {
      checks.between(prop, address, this.virtualAddresses, expected, {
        known: (one, other) => SAME_HOST.known(one) === SAME_HOST.known(other),
        token: (one, other) => `${SAME_HOST.token(one)} == ${SAME_HOST.token(other)}`,
      });
    }
  }

  private checkOwnLines(checks: Checks, lines: KeepalivedLines | undefined): OwnLinesModel | undefined {
    if (lines === undefined) return undefined;
    const checked = (place: Place): readonly string[] => {
      const prop = `keepalivedLines.${place}`;
      const all = lines[place] ?? [];
      all.forEach((line, index) => checks.known(`${prop}[${index}]`, line, CONFIG_LINE));
      const wrong = refusedLines(all, place);
      if (wrong !== undefined) throw refused(this.node.path, `${prop}[${wrong.at}] must be left out: ${wrong.why}, got ${JSON.stringify(all[wrong.at])}`);
      return all;
    };
    return { globalDefs: checked("globalDefs"), instances: checked("instances"), sections: checked("sections") };
  }

  private checkPriorities(checks: Checks, props: KeepalivedPairProps): readonly [number, number] {
    const [high, low] = this.failover._priorities;
    const masterPriority = checks.integer("masterPriority", props.masterPriority ?? high, 1, 254);
    const backupPriority = checks.integer("backupPriority", props.backupPriority ?? low, 1, 254);
    if (masterPriority <= backupPriority) {
      throw invalid(this.node.path, "backupPriority", `below masterPriority (${masterPriority})`, backupPriority);
    }
    const spread = masterPriority - backupPriority + 1;
    if (this.failover._fast?.yieldWithoutMembers === true && backupPriority <= spread) {
      throw invalid(this.node.path, "backupPriority", `above ${spread} with yieldWithoutMembers, because yieldWithoutMembers lowers the priority by ${spread}`, backupPriority);
    }
    return [masterPriority, backupPriority];
  }

  private checkGroups(checks: Checks, props: KeepalivedPairProps): readonly Group[] {
    const { master, backup, activeActive } = props;
    const read = (prefix: string, from: ActiveActiveProps, name: string, onMaster: boolean): Group => {
      const { virtualAddresses, virtualIpv6Addresses = [] } = from;
      const of = (prop: string): string => `${prefix}${prop}`;
      checks.list(of("virtualAddresses"), virtualAddresses, 1, 20, "1 to 20 addresses (the maximum for one VRRP packet)");
      virtualAddresses.forEach((address, index) => checks.text(of(`virtualAddresses[${index}]`), address, VIRTUAL_ADDRESS));
      checks.list(of("virtualIpv6Addresses"), virtualIpv6Addresses, 0, 20, "at most 20 addresses");
      virtualIpv6Addresses.forEach((address, index) => checks.text(of(`virtualIpv6Addresses[${index}]`), address, VIRTUAL_IPV6_ADDRESS));
      if (virtualIpv6Addresses.length > 0 && !(master._ipv6 && backup._ipv6)) {
        throw refused(this.node.path, `${of("virtualIpv6Addresses")} must be left out unless the prop ipv6 is true on both nodes: without ipv6, HAProxy would not listen on these addresses`);
      }
      return {
        name: checks.text(of("instanceName"), from.instanceName ?? name, CONFIG_NAME),
        routerId: checks.integer(of("virtualRouterId"), from.virtualRouterId, 1, 255),
        addresses: virtualAddresses,
        ipv6Addresses: virtualIpv6Addresses,
        onMaster,
      };
    };
    const groups = [
      read("", props, "EMAIL_VIP1", true),
      ...(activeActive === undefined ? [] : [read("activeActive.", activeActive, "EMAIL_VIP2", false)]),
    ];
    const addresses = groups.flatMap((group) => [...group.addresses, ...group.ipv6Addresses]);
    checks.different("virtualAddresses", addresses, SAME_HOST);
    for (const [index, address] of addresses.entries()) {
      for (const node of [master, backup]) {
        checks.different("virtualAddresses and the nodes' own addresses", [node.host, address], SAME_HOST);
      }
      master._targets.forEach((target, whose) => checks.apart(`virtualAddresses[${index}]`, address, whose, target));
      const { acmeResponder } = master._props;
      if (acmeResponder !== undefined) checks.apart("acmeResponder", withPort(acmeResponder), `port 80 of virtualAddresses[${index}] (HAProxy itself listens there)`, `${address}:80`, SAME_PORT);
    }
    const [own, other] = groups;
    if (own?.routerId === other?.routerId) {
      throw invalid(this.node.path, "activeActive.virtualRouterId", "different from virtualRouterId", other?.routerId);
    }
    checks.different("instanceName", groups.map(({ name }) => name));
    groups.forEach((group) => claimVirtualAddresses(this, group, group.onMaster ? "" : "activeActive."));
    return groups;
  }
}

/** An address without its prefix length, if it has one. */
function withoutLength(address: string): string {
  return Token.isUnresolved(address) ? Token.asString(Fn.element(Fn.split("/", address), 0)) : address.replace(/[/].*/, "");
}
