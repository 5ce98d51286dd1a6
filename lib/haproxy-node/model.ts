import { limitsModel } from "../choices/client-limits";
import { Duration } from "../choices/duration";
import { timeoutsModels } from "../choices/haproxy-timeouts";
import { MEMBER_STATE_MODEL, MemberState } from "../choices/member-state";
import { AllowModel, BorderAccessModel, HaproxyModel, LogModel } from "../haproxy/model";
import { OsLayout } from "../host/systems";
import { Checks } from "../validation/checks";
import { AllowListFile } from "./allow-list-files";
import { CERT_FILE, CERT_LIST, served } from "./certificates";
import { acmeModel, otherHostModels } from "./other-hosts";
import { HaproxyNodeProps } from "./props";

/** Facts that the node has computed from its props. */
export interface NodeFacts {
  readonly layout: OsLayout;
  readonly healthPort: number;
  readonly ipv6: boolean;
  readonly log: LogModel;
  /** The ports on which border proxies connect. */
  readonly border?: BorderAccessModel;
}

/**
 * Makes the model of the node's haproxy.cfg. Objects such as the mode and the directories have a method that makes
 * their part of the model. This function joins these parts, and adds the node's other props.
 */
export function haproxyModel(checks: Checks, props: HaproxyNodeProps, at: NodeFacts, lists: readonly AllowListFile[]): HaproxyModel {
  const { dag, mode } = props;
  const allow = (name: string): AllowModel | undefined => lists.find((list) => list.name === name);
  const { defaults, clientTimeout, clientIdleTimeout } = timeoutsModels(props.timeouts);
  const https = mode._toModel({
    caBundle: at.layout.caBundle,
    systemCryptoPolicy: at.layout.systemCryptoPolicy,
    clientTimeout,
    clientIdleTimeout,
    verifyHost: dag.clientNames[0] ?? "",
    certificate: mode._sslBridge !== undefined && served(mode._sslBridge, props.otherHosts).length > 1 ? `crt-list ${CERT_LIST}` : `crt ${CERT_FILE}`,
    virtualDirectories: dag.virtualDirectories.map((directory) => {
      const model = directory._toModel(allow(directory.name));
      return dag._border === undefined ? model : { ...model, root: model.root && dag._border.root };
    }),
  });
  return {
    version: props.os._haproxy,
    maxconn: checks.integer("maxconn", props.maxconn ?? 4000, 1, 1_000_000),
    maxHeaderBytes: checks.integer("maxHeaderBytes", props.maxHeaderBytes ?? 80 * 1024, 8 * 1024, 1024 * 1024),
    hardStopAfter: (props.hardStopAfter ?? Duration.minutes(60))._toHaproxy(),
    retries: checks.integer("retries", props.retries ?? 3, 0, 100),
    ipv6: at.ipv6,
    log: at.log,
    timeouts: defaults,
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
      state: MEMBER_STATE_MODEL[state],
      backup,
      verifyName,
    })),
    border: at.border,
    inner: dag._border?.inner,
    https,
    otherHosts: otherHostModels(props, at.layout),
    acme: acmeModel(props),
    mail: dag.mailProtocols.map((protocol) => {
      const model = protocol._toModel(https.mode, allow(protocol.name));
      return { ...model, ...dag._border?.mail(model) };
    }),
  };
}
