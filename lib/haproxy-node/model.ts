import { Balance } from "../choices/balance";
import { ClientLimits } from "../choices/client-limits";
import { Duration } from "../choices/duration";
import { HealthCheck } from "../choices/health-check";
import { MemberState } from "../choices/member-state";
import { PathStrictness } from "../choices/path-strictness";
import { TIMEOUTS } from "../choices/timeouts";
import { TlsPolicy } from "../choices/tls-policy";
import { AllowModel, HaproxyModel, LimitsModel, VirtualDirectoryModel } from "../haproxy/model";
import { OsLayout } from "../host/os-family";
import { Checks } from "../validation/checks";
import { AllowListFile } from "./allow-list-files";
import { CERT_FILE, CERT_LIST, served } from "./certificates";
import { HaproxyNodeProps } from "./props";

/** What the node has settled of its props. */
export interface NodeFacts {
  readonly layout: OsLayout;
  readonly healthPort: number;
  readonly ipv6: boolean;
}

/** The node as HAProxy sees it. */
export function haproxyModel(checks: Checks, props: HaproxyNodeProps, at: NodeFacts, lists: readonly AllowListFile[]): HaproxyModel {
  const { dag, mode, timeouts = {} } = props;
  const allow = (name: string): AllowModel | undefined => lists.find((list) => list.name === name);
  const bridge = mode._sslBridge;
  return {
    version: props.os._haproxy,
    maxconn: checks.integer("maxconn", props.maxconn ?? 4000, 1, 1_000_000),
    maxHeaderBytes: checks.integer("maxHeaderBytes", props.maxHeaderBytes ?? 80 * 1024, 8 * 1024, 1024 * 1024),
    hardStopAfter: (props.hardStopAfter ?? Duration.minutes(60))._toHaproxy(),
    retries: checks.integer("retries", props.retries ?? 3, 0, 100),
    ipv6: at.ipv6,
    timeouts: {
      httpRequest: (timeouts.httpRequest ?? TIMEOUTS.httpRequest)._toHaproxy(),
      queue: (timeouts.queue ?? TIMEOUTS.queue)._toHaproxy(),
      connect: (timeouts.connect ?? TIMEOUTS.connect)._toHaproxy(),
      client: (timeouts.client ?? TIMEOUTS.client)._toHaproxy(),
      server: (timeouts.server ?? TIMEOUTS.server)._toHaproxy(),
      httpKeepAlive: (timeouts.httpKeepAlive ?? TIMEOUTS.httpKeepAlive)._toHaproxy(),
      check: (timeouts.check ?? TIMEOUTS.check)._toHaproxy(),
    },
    healthPort: at.healthPort,
    checkTiming: {
      interval: dag.healthCheckInterval._toHaproxy(),
      fastInterval: dag.healthCheckFastInterval._toHaproxy(),
      fall: dag.healthCheckFall,
      rise: dag.healthCheckRise,
    },
    limits: limitsModel(checks, props.limits ?? {}),
    resolvers: { nameServers: dag.nameServers },
    members: dag.members.map(({ name, host, weight = 100, state = MemberState.READY, verifyName = "", backup }) => ({
      name,
      host,
      weight,
      state,
      backup,
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
            caFile: mode._tcp?.rootCas === undefined ? undefined : at.layout.caBundle,
          }
        : {
            mode: "bridge",
            certificate: served(bridge).length > 1 ? `crt-list ${CERT_LIST}` : `crt ${CERT_FILE}`,
            sniNames: (bridge.sniCerts ?? []).flatMap(({ names }) => names),
            caFile: mode._offload ? undefined : at.layout.caBundle,
            verifyHost: dag.clientNames[0] ?? "",
            tlsPolicy: bridge.tlsPolicy ?? TlsPolicy.SYSTEM,
            http2: bridge.http2 ?? false,
            pathStrictness: bridge.pathStrictness ?? PathStrictness.STRICT,
            systemCryptoPolicy: at.layout.systemCryptoPolicy,
            redirectToHttps: bridge.redirectToHttps ?? true,
            responseHeaders: Object.entries(bridge.responseHeaders ?? ARTICLE_HEADERS).map(([name, value]) => ({ name, value })),
            replaceResponseHeaders: Object.entries(bridge.replaceResponseHeaders ?? {}).map(([name, value]) => ({ name, value })),
            clientTimeout: (bridge.clientTimeout ?? timeouts.client)?._toHaproxy(),
            clientIdleTimeout: Duration.millis((timeouts.httpKeepAlive ?? TIMEOUTS.httpKeepAlive).toMilliseconds() + 1000)._toHaproxy(),
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
    mail: dag.mailProtocols.map(({ name, port, memberPort, _balance, _isSmtp, _idleTimeout, _greeting, _tls, _maxconn, _memberMaxconn }) => ({
      name,
      port,
      memberPort,
      balance: _balance ?? (bridge === undefined || _isSmtp ? Balance.ROUNDROBIN : Balance.LEASTCONN),
      idleTimeout: _idleTimeout._toHaproxy(),
      greeting: _greeting,
      tls: _tls,
      maxconn: _maxconn,
      memberMaxconn: _memberMaxconn,
      allow: allow(name),
    })),
  };
}

function limitsModel(checks: Checks, { connections, connectionsPer10s }: ClientLimits): LimitsModel {
  const limit = (name: string, value: number | undefined): number | undefined =>
    value === undefined ? undefined : checks.integer(`limits.${name}`, value, 1, 1_000_000);
  return { connections: limit("connections", connections), connectionsPer10s: limit("connectionsPer10s", connectionsPer10s) };
}

const ARTICLE_HEADERS = {
  "X-Frame-Options": "SAMEORIGIN",
  "X-Content-Type-Options": "nosniff",
  "Strict-Transport-Security": "max-age=63072000",
};
