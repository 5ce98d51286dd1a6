import { Annotations } from "cdktf";
import { Construct } from "constructs";
import { TlsPolicy } from "../choices/tls-policy";
import { inCallersWords } from "../validation/errors";
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
  if (hostKey === undefined) {
    warning("hostKey is not set, so the node's certificate and passwords go to any machine that answers at its address");
  }
  if (monitoring?._prometheus.password !== undefined && !monitoring._prometheus.tls) {
    warning("monitoring.tls is not set, so the password of the metrics port crosses the network in clear");
  }
  (props.dag._border?.warnings ?? dangerouslyOpen(props)).forEach(warning);
}
