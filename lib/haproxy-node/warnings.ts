import { Annotations } from "cdktf";
import { Construct } from "constructs";
import { MemberState } from "../choices/member-state";
import { TlsPolicy } from "../choices/tls-policy";
import { inCallersWords } from "../validation/errors";
import { placesOf } from "../haproxy/places";
import { dangerouslyOpen } from "./guards";
import { HaproxyNodeProps } from "./props";

/** Warns about settings that are allowed, but risky. */
export function warn(scope: Construct, props: HaproxyNodeProps): void {
  const { mode, hostKey, monitoring, away } = props;
  const warning = (text: string): void => Annotations.of(scope).addWarning(`${inCallersWords(text)} [${scope.node.path}]`);
  if (away === true) warning("away is true, so this node gets no deploys. Remove away: true when the node is back");
  if (mode._offload) {
    warning("SSL offloading does not work with Extended Protection, which is on by default since Exchange 2019 CU14. Outlook would ask for the password again and again");
  }
  if (mode._sslBridge?.http2 === true) warning("http2 is true. NTLM and Kerberos logins can fail, because NTLM and Kerberos authenticate a whole connection");
  if (mode._sslBridge?.tlsPolicy === TlsPolicy.OLD) warning("tlsPolicy is TlsPolicy.OLD, which allows TLS 1.0 and 1.1. These versions have been deprecated since RFC 8996");
  const replaced = Object.keys(mode._sslBridge?.replaceResponseHeaders ?? {}).find((name) => /^content-security-policy/i.test(name));
  if (replaced !== undefined) {
    warning(`replaceResponseHeaders has ${replaced}, so Exchange's own header, which mitigates CVE-2026-42897, is removed. Use responseHeaders, which keeps Exchange's header`);
  }
  placeWarnings(props).forEach(warning);
  if (hostKey === undefined) {
    warning("hostKey is not set, so any machine that answers at the node's address would receive the node's certificate and passwords");
  }
  if (monitoring?._prometheus.password !== undefined && !monitoring._prometheus.tls) {
    warning("monitoring.tls is not set, so the password of the metrics port crosses the network unencrypted");
  }
  (props.dag._border?.warnings ?? dangerouslyOpen(props)).forEach(warning);
}

/**
 * How many connections one address of a balancer can open to one port of a member: the number of source ports, by
 * Linux's default (`net.ipv4.ip_local_port_range`).
 */
const SOURCE_PORTS = 28_232;

/** Warns if there are too few source ports for `maxconn`, or if mail can use up the connections of HTTPS. */
function placeWarnings({ maxconn = 4000, dag, mode }: HaproxyNodeProps): readonly string[] {
  const mail = dag.mailProtocols.map((protocol) => protocol._toModel(mode._sslBridge === undefined ? "tcp" : "bridge", undefined));
  const places = placesOf({ maxconn, mail });
  const taken = mail.reduce((sum, { name }) => sum + places.mail(name), 0);
  const serving = dag.members.filter(({ state = MemberState.READY, backup }) => state === MemberState.READY && backup !== true).length;
  // Mail must continue while one member is down, so count one member less.
  const most = SOURCE_PORTS * Math.max(1, serving - 1);
  return [
    ...(mail.some(({ maxconn: own }) => own !== undefined) && taken > maxconn * 0.75
      ? [`maxconn of all mail services together is ${taken}, but maxconn of the node is ${maxconn}, so mail can use up the connections of HTTPS`]
      : []),
    ...(places.https > most
      ? [`maxconn allows ${places.https} connections for HTTPS, but a balancer has only ${SOURCE_PORTS} source ports for each member. So connections beyond ${most} fail${serving > 1 ? " while one member is down" : ""}. Widen net.ipv4.ip_local_port_range on the nodes, or add members`]
      : []),
  ];
}
