import { Annotations } from "cdktf";
import { Construct } from "constructs";
import { TlsPolicy } from "../choices/tls-policy";
import { inCallersWords } from "../validation/errors";
import { placesOf } from "../haproxy/places";
import { dangerouslyOpen } from "./guards";
import { HaproxyNodeProps } from "./props";

/** What is legal and risky is said aloud. */
export function warn(scope: Construct, props: HaproxyNodeProps): void {
  const { mode, hostKey, monitoring, away } = props;
  const warning = (text: string): void => Annotations.of(scope).addWarning(`${inCallersWords(text)} [${scope.node.path}]`);
  if (away === true) warning("away is true, so nothing is delivered to this node; remove it when the node is back");
  if (mode._offload) {
    warning("SSL offloading cannot be used with Extended Protection, which Exchange 2019 has on by default from CU14: Outlook would ask for the password forever");
  }
  if (mode._sslBridge?.http2 === true) warning("http2 makes NTLM and Kerberos logins fail, because they authenticate a connection");
  if (mode._sslBridge?.tlsPolicy === TlsPolicy.OLD) warning("tlsPolicy is old: TLS 1.0 and 1.1 have been deprecated since RFC 8996");
  const replaced = Object.keys(mode._sslBridge?.replaceResponseHeaders ?? {}).find((name) => /^content-security-policy/i.test(name));
  if (replaced !== undefined) {
    warning(`replaceResponseHeaders has ${replaced}, which removes Exchange's own, the mitigation of CVE-2026-42897; use responseHeaders, which keeps Exchange's`);
  }
  placeWarnings(props).forEach(warning);
  if (hostKey === undefined) {
    warning("hostKey is not set, so the node's certificate and passwords go to any machine that answers at its address");
  }
  if (monitoring?._prometheus.password !== undefined && !monitoring._prometheus.tls) {
    warning("monitoring.tls is not set, so the password of the metrics port crosses the network in clear");
  }
  (props.dag._border?.warnings ?? dangerouslyOpen(props)).forEach(warning);
}

/** The source ports of one address towards one port of a member, by Linux' default (`net.ipv4.ip_local_port_range`). */
const SOURCE_PORTS = 28_232;

/** What `maxconn` says and nobody could have. */
function placeWarnings({ maxconn = 4000, dag, mode }: HaproxyNodeProps): readonly string[] {
  const mail = dag.mailProtocols.map((protocol) => protocol._toModel(mode._sslBridge === undefined ? "tcp" : "bridge", undefined));
  const places = placesOf({ maxconn, mail });
  const taken = mail.reduce((sum, { name }) => sum + places.mail(name), 0);
  const most = SOURCE_PORTS * dag.members.length;
  return [
    ...(mail.some(({ maxconn: own }) => own !== undefined) && taken > maxconn * 0.75
      ? [`maxconn of the mail services is ${taken} together, and ${maxconn} for the node: mail can use up the connections of HTTPS`]
      : []),
    ...(places.https > most
      ? [`maxconn leaves HTTPS ${places.https} connections, but a balancer has ${SOURCE_PORTS} source ports to each member: more than ${most} fail. Widen net.ipv4.ip_local_port_range on the nodes, or add members`]
      : []),
  ];
}
