import { Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { allowListText, checkAllowList } from "../choices/allow-lists";
import { HostFile } from "../host/host-file";
import { COLLECTOR_SERVICE, ToolText, collectorFiles, metricsLua } from "../host/monitoring-files";
import { HostPart } from "../host/part";
import { METRICS_LUA, MonitoringModel, PASSWORD_FILE } from "../monitoring/model";
import { Checks } from "../validation/checks";
import { invalid, wrong } from "../validation/errors";
import { ADDRESS } from "../validation/rules";
import { CERT_FILE, CERT_LIST, served } from "./certificates";
import { HaproxyNodeProps } from "./props";

const ALLOW_FILE = "/etc/haproxy/haproxy_monitoring_whitelist.lst";

/**
 * What monitoring adds to a node: settings for the model of haproxy.cfg, files that haproxy reads, and a further
 * `HostPart` for the metrics collector.
 */
export interface NodeMonitoring {
  readonly model: MonitoringModel;
  /** Files that haproxy reads. */
  readonly files: readonly HostFile[];
  readonly part: HostPart;
}

/**
 * Returns what monitoring adds to a node, or undefined if the node has no monitoring. `taken` lists the ports that are
 * already in use.
 */
export function nodeMonitoring(
  scope: Construct,
  checks: Checks,
  props: HaproxyNodeProps,
  taken: readonly number[],
  text: ToolText,
): NodeMonitoring | undefined {
  if (props.monitoring === undefined) return undefined;
  const { allow, port, tls, password, username, statusPageWritable } = props.monitoring._prometheus;
  const bridge = props.mode._sslBridge;
  if (taken.includes(port)) throw invalid(scope.node.path, "monitoring.port", "a port that nothing else uses", port);
  if (tls && bridge === undefined) throw wrong(scope.node.path, "monitoring.tls", "left out in TCP mode, because the balancer has no certificate", "true");
  const model: MonitoringModel = {
    address: checks.text("monitoringAddress (the default is the node's host)", props.monitoringAddress ?? props.host, ADDRESS),
    port,
    ...(tls && bridge !== undefined ? { certificate: served(bridge, props.otherHosts).length > 1 ? `crt-list ${CERT_LIST}` : `crt ${CERT_FILE}` } : {}),
    allowFile: ALLOW_FILE,
    password: password !== undefined,
    statusPageWritable,
  };
  checkAllowList(scope, checks, "monitoring.allow", allow);
  return {
    model,
    files: [
      metricsLua(METRICS_LUA),
      { path: ALLOW_FILE, mode: "0644", usedBy: "haproxy", content: allowListText(allow) },
      ...(password === undefined ? [] : [credentials(checks.secret("monitoring.password", password), username)]),
    ],
    part: {
      name: "monitoring",
      packages: [],
      files: collectorFiles(text),
      beforeLive: [],
      seBooleans: [],
      openings: allow.map((from) => ({ to: port, from })),
      services: [COLLECTOR_SERVICE],
      // haproxy listens on the metrics port. So haproxy's part lists this port, and the monitoring part does not.
      listens: [],
    },
  };
}

/** The file with the value that the Authorization header of each request to the metrics port must have. */
function credentials(password: string, username: string): HostFile {
  return {
    path: PASSWORD_FILE,
    mode: "0600",
    usedBy: "haproxy",
    content: `Basic ${Token.asString(Fn.base64encode(Fn.join("", [`${username}:`, password])))}\n`,
    secret: true,
  };
}
