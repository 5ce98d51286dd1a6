import { Resource } from "@cdktf/provider-null/lib/resource";
import { Annotations, ITerraformDependable, SSHProvisionerConnection, Token } from "cdktf";
import { Construct, IConstruct } from "constructs";
import { AllowLists, allowListText } from "../choices/allow-lists";
import { Balance } from "../choices/balance";
import { BalancingMode, CertificateMismatch, SslBridgeOptions } from "../choices/balancing-mode";
import { ANY_CASE, Checks, DNS_NAME, HOST, invalid, oneOf } from "../validation/checks";
import { certificateCheckOf } from "../delivery/apply-script";
import { deliver } from "../delivery/delivery";
import { LeavingHost } from "../delivery/leaving";
import { ClientLimits } from "../choices/client-limits";
import { Duration } from "../choices/duration";
import { ExchangeDag } from "../exchange-dag";
import { AllowModel, HaproxyModel, VirtualDirectoryModel } from "../haproxy/model";
import { SYSLOG_PORT, renderHaproxyCfg } from "../haproxy/render";
import { CERTIFICATE_CHECK, certificateCheckFiles } from "../host/certificate-check";
import { HostFile, HostState } from "../host/host-state";
import { loggingFiles } from "../host/logging";
import { OS_LAYOUTS, OsLayout } from "../host/os-family";
import { HealthCheck } from "../choices/health-check";
import { MemberState } from "../choices/member-state";
import { PathStrictness } from "../choices/path-strictness";
import { OsProfile } from "../choices/os-profile";
import { RemovalPolicy } from "../choices/removal-policy";
import { SshAccess } from "../choices/ssh-access";
import { SslBridgeCert } from "../ssl-bridge-cert";
import { TIMEOUTS } from "../choices/timeouts";
import { TlsPolicy } from "../choices/tls-policy";

/**
 * The timeouts of HAProxy's `defaults`. Those of a single virtual directory or
 * mail protocol are set where it is listed, and win. Why each has the value that it
 * has: docs/exchange.md.
 */
export interface HaproxyTimeouts {
  /**
   * A client's time to send a request's headers (`timeout http-request`), with SSL bridging.
   *
   * @default Duration.seconds(15)
   */
  readonly httpRequest?: Duration;
  /**
   * The wait for a free place at a member (`timeout queue`).
   *
   * @default Duration.minutes(1)
   */
  readonly queue?: Duration;
  /**
   * The connection to a member (`timeout connect`).
   *
   * @default Duration.seconds(10)
   */
  readonly connect?: Duration;
  /**
   * How long a client may not take in its answer (`timeout client`), and from HAProxy 3.0 on
   * how long a request's body may pause. Up to 2.6 that is cut by `server`, or by its
   * directory's `serverTimeout`.
   *
   * @default Duration.minutes(15)
   */
  readonly client?: Duration;
  /**
   * A member's silence (`timeout server`), and up to HAProxy 2.6 a pause in a request's body.
   *
   * @default Duration.minutes(15)
   */
  readonly server?: Duration;
  /**
   * A client's pause between two requests (`timeout http-keep-alive`), with SSL bridging.
   *
   * @default Duration.seconds(110) - just less than IIS's 120 s, so that a connection
   * that NTLM logged in is kept as long as Exchange would keep it
   */
  readonly httpKeepAlive?: Duration;
  /**
   * A member's answer to a health check (`timeout check`).
   *
   * @default Duration.seconds(10)
   */
  readonly check?: Duration;
}

/** Whether the host's firewall is part of what is deployed. */
export enum HostFirewallMode {
  /** firewalld is installed if need be, started, and lets the served ports in. */
  FIREWALLD = "firewalld",
  /** The firewall is somebody else's business and left alone. */
  UNMANAGED = "unmanaged",
}

/** What the nodes of a pair have in common. */
export interface HaproxyNodeCommonProps {
  /** The Exchange side. */
  readonly dag: ExchangeDag;

  /** How HTTPS is balanced. */
  readonly mode: BalancingMode;

  /** The node's operating system. */
  readonly os: OsProfile;

  /** How Terraform logs in. */
  readonly ssh: SshAccess;

  /**
   * Who may connect.
   *
   * @default - everyone, with a warning for SMTP and for the admin center
   */
  readonly allow?: AllowLists;

  /**
   * HAProxy's timeouts.
   *
   * @default - the article's, as each says
   */
  readonly timeouts?: HaproxyTimeouts;

  /**
   * What one client address may take.
   *
   * @default - as much as it likes, up to `maxconn`
   */
  readonly limits?: ClientLimits;

  /**
   * How often a connection to a member is tried again before another member is (`retries`).
   *
   * @default 3
   */
  readonly retries?: number;

  /**
   * How many connections the node takes at once (`maxconn` of `global`). Outlook
   * opens several per mailbox; HAProxy needs about 34 kB of memory for one that
   * is in TLS on both sides.
   *
   * @default 4000
   */
  readonly maxconn?: number;

  /**
   * How long a process that was replaced by a reload may finish the connections it
   * has open (`hard-stop-after`); then it ends, and they with it. They live by the
   * former settings until they end, the allow lists among them.
   *
   * @default Duration.minutes(60) - ActiveSync's longest heartbeat is 59 minutes,
   * so no HTTP request is ever cut; an IMAP session that is older logs in again
   */
  readonly hardStopAfter?: Duration;

  /**
   * How long a deploy waits for the members, after haproxy was started or reloaded,
   * to be up as they were before, at most. A member that was up in a backend must be up
   * in it again, and where something was served before, a backend that is new
   * needs one member that is up; else the former files come back, the deploy
   * fails and says which members are missed and why. Members in `drain` and
   * `maintenance` are not waited for.
   *
   * @default Duration.minutes(1)
   */
  readonly membersUpTimeout?: Duration;

  /**
   * The TCP port on loopback where HAProxy answers whether it lives: a stats
   * socket of level `user`, which answers even when `maxconn` is reached.
   *
   * @default 8404
   */
  readonly healthPort?: number;

  /**
   * Whether clients are served on IPv6, too. The host must have IPv6.
   *
   * @default - false; with `ExchangeBalancer` true where there are virtual IPv6 addresses
   */
  readonly ipv6?: boolean;

  /**
   * Whether the host's firewall is part of what is deployed.
   *
   * @default HostFirewallMode.FIREWALLD
   */
  readonly firewall?: HostFirewallMode;

  /**
   * Any text; when it changes, the nodes are gone over again, although nothing
   * that they get has changed. What was edited on them is then reported and put right.
   * May be a token, such as a day or a ticket's number.
   *
   * @default - nodes are gone over when something that they get changes
   */
  readonly redeliver?: string;

  /**
   * What becomes of a host that is no longer this stack's.
   *
   * @default RemovalPolicy.RETAIN - it goes on serving
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** One VM. */
export interface BalancerHost {
  /**
   * The DNS name or the IP address that Terraform reaches the VM by. May be a token.
   */
  readonly host: string;

  /**
   * The VM's public host key, such as `ssh-ed25519 AAAA…`. May be a token.
   *
   * @default - any key is taken, with a warning: secrets go to whoever answers
   */
  readonly hostKey?: string;

  /**
   * What tells this very VM from its successor at the same address, such as the
   * `id` of its resource. When it changes, everything is delivered again. May be
   * a token.
   *
   * @default - a new VM at the same address is not noticed
   */
  readonly instanceId?: string;
}

/** Properties of `HaproxyNode`. */
export interface HaproxyNodeProps extends HaproxyNodeCommonProps, BalancerHost {}

/** The addresses of all nodes of an app, with the path of the node that has each. */
const claimed = new WeakMap<IConstruct, Map<string, string>>();

const CERT_FILE = "/etc/haproxy/exch.pem";
/** Which of several certificates is for which names; in HAProxy's own words a crt-list. */
const CERT_LIST = "/etc/haproxy/exch.crt-list";

/**
 * One balancer VM: its haproxy with the allow lists and the certificate, the
 * CAs it trusts, its log files, its firewall. It is one null_resource; a plan
 * shows each of its files with the lines that change.
 *
 * @throws if a prop is not as it says
 */
export class HaproxyNode extends Construct {
  /** The VM's DNS name or IP address, as given. */
  public readonly host: string;
  /** The VM's operating system. */
  public readonly os: OsProfile;
  /** The TCP port on loopback where HAProxy says that it lives. */
  public readonly healthPort: number;
  /** Depend on this to wait until the node serves. */
  public readonly deployed: ITerraformDependable;

  /** @internal */
  public readonly _checks: Checks;
  /** @internal */
  public readonly _connection: SSHProvisionerConnection;
  /** @internal */
  public readonly _instanceId: string | undefined;
  /** @internal */
  public readonly _firewall: HostFirewallMode;
  /** @internal */
  public readonly _sshPort: number;
  /** @internal */
  public readonly _redeliver: string | undefined;
  /** @internal */
  public readonly _leaving: LeavingHost;
  /** @internal */
  public readonly _ipv6: boolean;
  /** @internal */
  public readonly _resource: Resource;
  /** The pair that the node belongs to, which it can do once. @internal */
  public _pair: string | undefined;

  private readonly layout: OsLayout;

  public constructor(scope: Construct, id: string, props: HaproxyNodeProps) {
    super(scope, id);
    this._checks = Checks.of(this);
    this.host = this._checks.text("host", props.host, HOST);
    this.os = props.os;
    this.layout = OS_LAYOUTS[props.os._family];
    this.healthPort = this._checks.integer("healthPort", props.healthPort ?? 8404, 1, 65535);
    this._instanceId = props.instanceId;
    oneOf(this.node.path, "firewall", props.firewall, HostFirewallMode);
    this._firewall = props.firewall ?? HostFirewallMode.FIREWALLD;
    this.claimHost();
    this._sshPort = props.ssh._port;
    this._ipv6 = props.ipv6 ?? false;
    this._connection = props.ssh._connect(this, this._checks, this.host, props.hostKey);
    oneOf(this.node.path, "removalPolicy", props.removalPolicy, RemovalPolicy);
    this._redeliver = props.redeliver;
    this._leaving = { policy: props.removalPolicy ?? RemovalPolicy.RETAIN, keyFile: props.ssh._keyFile(this) };
    const state = this.hostState(props);
    this.warn(props);
    this._resource = deliver(this, "Provision", {
      connection: this._connection,
      host: this.host,
      instanceId: this._instanceId,
      redeliver: this._redeliver,
      state,
      checks: [
        ...this._checks.tokenChecks,
        ...props.dag._checks.tokenChecks,
        ...(props.mode._sslBridge === undefined ? [] : served(props.mode._sslBridge).flatMap(({ cert }) => cert._checks.tokenChecks)),
      ],
      leaving: this._leaving,
      after: [],
    });
    this.deployed = this._resource;
  }

  /** Two nodes on one VM would write over each other's files. */
  private claimHost(): void {
    if (Token.isUnresolved(this.host)) return;
    const hosts = claimed.get(this.node.root) ?? new Map<string, string>();
    claimed.set(this.node.root, hosts);
    const other = hosts.get(this.host);
    if (other !== undefined) {
      throw new Error(`host must be another than that of ${other}, got "${this.host}" for both [${this.node.path}]`);
    }
    hosts.set(this.host, this.node.path);
  }

  private hostState(props: HaproxyNodeProps): HostState {
    const bridge = props.mode._sslBridge;
    if (bridge !== undefined) this.checkCertificates(bridge, props.dag);
    const lists = this.allowLists(props);
    const model = this.model(props, lists);
    const ports = [
      ...(model.https.redirectToHttps ? [80] : []),
      443,
      ...model.mail.map(({ port }) => port),
    ];
    if (ports.includes(this._sshPort)) {
      throw new Error(`mailProtocols must leave the ssh port to ssh, got ${this._sshPort} for both [${this.node.path}]`);
    }
    if (ports.includes(this.healthPort) || this.healthPort === this._sshPort) {
      throw new Error(`healthPort must be a port that nothing else is served on, got ${this.healthPort} [${this.node.path}]`);
    }
    return {
      part: "haproxy",
      os: { family: props.os._family, version: props.os._majorVersion },
      packages: [
        "haproxy",
        "rsyslog",
        "logrotate",
        "ca-certificates",
        this.layout.socketStatistics,
        ...(bridge === undefined || props.mode._offload ? [] : ["openssl"]),
        ...(this._firewall === HostFirewallMode.FIREWALLD ? this.layout.firewallPackages : []),
      ],
      files: [
        { path: "/etc/haproxy/haproxy.cfg", mode: "0644", usedBy: "haproxy", content: renderHaproxyCfg(model) },
        ...lists.map(({ file, content }): HostFile => ({ path: file, mode: "0644", usedBy: "haproxy", content })),
        ...(bridge === undefined ? [] : certFiles(bridge, props.dag, this.layout, props.mode._offload ? undefined : certificateCheckOf(this))),
        ...caFiles(Object.entries(props.mode._tcp?.rootCas ?? {}), this.layout),
        ...loggingFiles(SYSLOG_PORT),
      ],
      beforeLive: bridge === undefined || props.mode._offload ? [] : [CERTIFICATE_CHECK],
      // For ports that SELinux does not count among a web server's, 25 and 143 among them.
      seBooleans: props.os._family === "redhat" ? ["haproxy_connect_any"] : [],
      firewall:
        this._firewall === HostFirewallMode.FIREWALLD ? { sshPort: this._sshPort, ports, richRules: [] } : undefined,
      // rsyslog first: what haproxy says at its start is worth reading.
      services: ["rsyslog", "haproxy"],
      listens: [...ports, this.healthPort],
      members: {
        statsPort: this.healthPort,
        upWithin: Math.ceil((props.membersUpTimeout ?? Duration.minutes(1)).toMilliseconds() / 1000),
      },
    };
  }

  /** What only certificates and names together can tell. */
  private checkCertificates(bridge: SslBridgeOptions, dag: ExchangeDag): void {
    const known = (name: string): boolean => dag.clientNames.some((other) => Token.isUnresolved(other) || other.toLowerCase() === name.toLowerCase());
    for (const [index, { names }] of (bridge.sniCerts ?? []).entries()) {
      const prop = `sniCerts[${index}].names`;
      this._checks.list(prop, names, 1, 100, "at least one of the DAG's clientNames");
      for (const [at, name] of names.entries()) {
        this._checks.text(`${prop}[${at}]`, name, DNS_NAME);
        if (!Token.isUnresolved(name) && !known(name)) {
          throw invalid(this.node.path, `${prop}[${at}]`, `one of the DAG's clientNames (${dag.clientNames.join(", ")})`, name);
        }
      }
    }
    const all = (bridge.sniCerts ?? []).flatMap(({ names }) => names);
    this._checks.different("clientNames[0], which the first certificate is for, and the names of sniCerts", [...dag.clientNames.slice(0, 1), ...all], ANY_CASE);
    const cas = new Map<string, string>();
    for (const { cert } of served(bridge)) {
      for (const [name, { source }] of cert._rootCas) {
        if ((cas.get(name) ?? source) !== source) {
          throw new Error(`rootCas of different certificates must differ in name or be one file, got two named "${name}" [${this.node.path}]`);
        }
        cas.set(name, source);
      }
    }
    const members = dag.members.map(({ host }) => host);
    bridge.cert._mustCover(namesOfFirst(dag, bridge), members);
    for (const { cert, names } of bridge.sniCerts ?? []) cert._mustCover(names, members);
  }

  private model(props: HaproxyNodeProps, lists: readonly AllowList[]): HaproxyModel {
    const { dag, mode, timeouts = {} } = props;
    const allow = (name: string): AllowModel | undefined => lists.find((list) => list.name === name);
    const bridge = mode._sslBridge;
    return {
      version: props.os._haproxy,
      maxconn: this._checks.integer("maxconn", props.maxconn ?? 4000, 1, 1_000_000),
      hardStopAfter: (props.hardStopAfter ?? Duration.minutes(60))._toHaproxy(),
      retries: this._checks.integer("retries", props.retries ?? 3, 0, 100),
      ipv6: this._ipv6,
      timeouts: {
        httpRequest: (timeouts.httpRequest ?? TIMEOUTS.httpRequest)._toHaproxy(),
        queue: (timeouts.queue ?? TIMEOUTS.queue)._toHaproxy(),
        connect: (timeouts.connect ?? TIMEOUTS.connect)._toHaproxy(),
        client: (timeouts.client ?? TIMEOUTS.client)._toHaproxy(),
        server: (timeouts.server ?? TIMEOUTS.server)._toHaproxy(),
        httpKeepAlive: (timeouts.httpKeepAlive ?? TIMEOUTS.httpKeepAlive)._toHaproxy(),
        check: (timeouts.check ?? TIMEOUTS.check)._toHaproxy(),
      },
      healthPort: this.healthPort,
      checkTiming: {
        interval: dag.healthCheckInterval._toHaproxy(),
        fastInterval: dag.healthCheckFastInterval._toHaproxy(),
        fall: dag.healthCheckFall,
        rise: dag.healthCheckRise,
      },
      limits: this.limits(props.limits ?? {}),
      resolvers: { nameServers: dag.nameServers },
      members: dag.members.map(({ name, host, weight = 100, state = MemberState.READY, verifyName = "" }) => ({
        name,
        host,
        weight,
        state,
        verifyName,
      })),
      https:
        bridge === undefined
          ? {
              mode: "passThrough",
              balance: mode._tcp?.balance ?? Balance.ROUNDROBIN,
              idleTimeout: (mode._tcp?.idleTimeout ?? TIMEOUTS.passThrough)._toHaproxy(),
              redirectToHttps: mode._tcp?.redirectToHttps ?? true,
              healthPath: (mode._tcp?.healthCheck ?? HealthCheck.httpGet("/owa/healthcheck.htm"))._path,
              caFile: mode._tcp?.rootCas === undefined ? undefined : this.layout.caBundle,
            }
          : {
              mode: "bridge",
              certificate: served(bridge).length > 1 ? `crt-list ${CERT_LIST}` : `crt ${CERT_FILE}`,
              sniNames: (bridge.sniCerts ?? []).flatMap(({ names }) => names),
              caFile: mode._offload ? undefined : this.layout.caBundle,
              verifyHost: dag.clientNames[0] ?? "",
              tlsPolicy: bridge.tlsPolicy ?? TlsPolicy.SYSTEM,
              http2: bridge.http2 ?? false,
              pathStrictness: bridge.pathStrictness ?? PathStrictness.STRICT,
              systemCryptoPolicy: this.layout.systemCryptoPolicy,
              redirectToHttps: bridge.redirectToHttps ?? true,
              responseHeaders: Object.entries(bridge.responseHeaders ?? ARTICLE_HEADERS).map(([name, value]) => ({ name, value })),
              clientTimeout: (bridge.clientTimeout ?? timeouts.client ?? TIMEOUTS.client)._toHaproxy(),
              virtualDirectories: dag.virtualDirectories.map(
                ({ name, path, _healthPath, _balance, _serverTimeout, _connectTimeout }): VirtualDirectoryModel => ({
                  name,
                  path,
                  healthPath: _healthPath,
                  balance: _balance,
                  serverTimeout: _serverTimeout?._toHaproxy(),
                  connectTimeout: _connectTimeout?._toHaproxy(),
                  allow: allow(name),
                  root: name === "owa",
                }),
              ),
            },
      mail: dag.mailProtocols.map(({ name, port, memberPort, _balance, _isSmtp, _idleTimeout, _greeting, _tls }) => ({
        name,
        port,
        memberPort,
        balance: _balance ?? (bridge === undefined || _isSmtp ? Balance.ROUNDROBIN : Balance.LEASTCONN),
        idleTimeout: _idleTimeout._toHaproxy(),
        greeting: _greeting,
        tls: _tls,
        allow: allow(name),
      })),
    };
  }

  private limits({ connections, connectionsPer10s }: ClientLimits): ClientLimits {
    const limit = (name: string, value: number | undefined): number | undefined =>
      value === undefined ? undefined : this._checks.integer(`limits.${name}`, value, 1, 1_000_000);
    return { connections: limit("connections", connections), connectionsPer10s: limit("connectionsPer10s", connectionsPer10s) };
  }

  /** The lists that something served asks for. */
  private allowLists({ dag, mode, allow = {} }: HaproxyNodeProps): readonly AllowList[] {
    const bridge = mode._sslBridge !== undefined;
    const directory = (name: string): boolean => bridge && dag.virtualDirectories.some((served) => served.name === name);
    const lists: (AllowList | undefined)[] = [
      this.allowList("smtp", "smtp_networks", dag.mailProtocols.some(({ name }) => name === "smtp"), allow.smtp),
      this.allowList("ecp", "admins_network", directory("ecp"), allow.ecp),
      this.allowList("owa", "users_networks", directory("owa"), allow.owa),
    ];
    return lists.filter((list) => list !== undefined);
  }

  private allowList(name: string, acl: string, served: boolean, entries: string[] | undefined): AllowList | undefined {
    if (entries === undefined) return undefined;
    // Checked even where nothing asks for it: it will, when the mode is switched.
    const content = allowListText(this, this._checks, `allow.${name}`, entries);
    return served ? { name, acl, file: `/etc/haproxy/haproxy_${name}_whitelist.lst`, content } : undefined;
  }

  private warn({ dag, mode, allow = {}, hostKey }: HaproxyNodeProps): void {
    const warning = (text: string): void => Annotations.of(this).addWarning(`${text} [${this.node.path}]`);
    if (mode._offload) {
      warning("SSL offloading cannot be used with Extended Protection, which Exchange 2019 has on by default from CU14: Outlook would ask for the password forever");
    }
    if (mode._sslBridge?.http2 === true) warning("http2 lets NTLM and Kerberos logins fail, which are bound to a connection");
    if (mode._sslBridge?.tlsPolicy === TlsPolicy.OLD) warning("tlsPolicy is old: TLS 1.0 and 1.1 have been deprecated since RFC 8996");
    if (hostKey === undefined) {
      warning("hostKey is not set, so the node's certificate and passwords go to whoever answers at its address");
    }
    if (allow.smtp === undefined && dag.mailProtocols.some(({ name }) => name === "smtp")) {
      warning("allow.smtp is not set, so everyone may send by SMTP, and to Exchange all of them have the balancer's address");
    }
    if (mode._sslBridge === undefined) {
      const closed = (["ecp", "owa"] as const).filter((name) => allow[name] !== undefined);
      if (closed.length > 0) {
        warning(`allow.${closed.join(" and allow.")} has no effect in TCP mode, where no request is read`);
      }
    } else if (allow.ecp === undefined && dag.virtualDirectories.some(({ name }) => name === "ecp")) {
      warning("allow.ecp is not set, so everyone may open the Exchange admin center");
    }
  }
}

interface AllowList extends AllowModel {
  readonly name: string;
  readonly content: string;
}

const ARTICLE_HEADERS = {
  "X-Frame-Options": "SAMEORIGIN",
  "X-Content-Type-Options": "nosniff",
  "Strict-Transport-Security": "max-age=63072000",
};

/** A certificate and where it lies, with the names that have it for their own; the first is for all others. */
interface Served {
  readonly cert: SslBridgeCert;
  readonly file: string;
  readonly names: readonly string[];
}

function served({ cert, sniCerts = [] }: SslBridgeOptions): readonly Served[] {
  return [
    { cert, file: CERT_FILE, names: [] },
    ...sniCerts.map((further, index) => ({ ...further, file: `/etc/haproxy/exch-${index + 2}.pem` })),
  ];
}

/** The names that are left to the first certificate. */
function namesOfFirst({ clientNames }: ExchangeDag, { sniCerts = [] }: SslBridgeOptions): readonly string[] {
  const others = sniCerts.flatMap(({ names }) => names.map((name) => name.toLowerCase()));
  return clientNames.filter((name) => !others.includes(name.toLowerCase()));
}

function certFiles(bridge: SslBridgeOptions, dag: ExchangeDag, layout: OsLayout, check: string | undefined): readonly HostFile[] {
  const certificates = served(bridge);
  const names = namesOfFirst(dag, bridge);
  const rootCas = new Map(certificates.flatMap(({ cert }) => [...cert._rootCas]));
  const verifyHost = dag.clientNames[0] ?? "";
  return [
    ...certificates.map(({ cert, file }): HostFile => ({ path: file, mode: "0600", usedBy: "haproxy", content: cert._pem, secret: true })),
    ...(certificates.length === 1
      ? []
      : [
          {
            path: CERT_LIST,
            mode: "0644",
            usedBy: "haproxy",
            // The first is also for clients that ask for another name, or for none.
            content: certificates.map((one, index) => `${one.file} ${(index === 0 ? names : one.names).join(" ")}\n`).join(""),
          } as const,
        ]),
    ...caFiles([...rootCas].map(([name, { pem }]) => [name, pem]), layout),
    // Offloading asks the members for no certificate.
    ...(check === undefined ? [] : certificateCheckFiles({
      mismatch: bridge.onCertificateMismatch ?? CertificateMismatch.STOP,
      warnDays: bridge.cert._expiryWarningDays,
      caFile: layout.caBundle,
      present: certificates.flatMap((one, index) => (index === 0 ? names : one.names).map((name) => ({ name, pem: one.file }))),
      ask: [verifyHost, ...certificates.flatMap((one) => one.names)],
      members: dag.members.map(({ name, host, weight, state = MemberState.READY }) => ({ name, host, ready: weight !== 0 && state === MemberState.READY })),
    }, check)),
  ];
}

function caFiles(cas: readonly (readonly [string, string])[], layout: OsLayout): readonly HostFile[] {
  return cas.map(([name, content]) => ({
    path: `${layout.anchorFolder}/${name}${layout.anchorEnding}`,
    mode: "0644",
    usedBy: "trust",
    content,
  }));
}
