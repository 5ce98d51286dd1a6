import { Annotations } from "cdktf";
import { Construct } from "constructs";
import { TlsPolicy } from "../choices/tls-policy";
import { HaproxyNodeProps } from "./props";

/** What is legal and risky is said aloud. */
export function warn(scope: Construct, { dag, mode, allow = {}, hostKey, monitoring, away }: HaproxyNodeProps): void {
  const warning = (text: string): void => Annotations.of(scope).addWarning(`${text} [${scope.node.path}]`);
  if (away === true) warning("away is true, so nothing is delivered to this node; take it away when the node is back");
  if (mode._offload) {
    warning("SSL offloading cannot be used with Extended Protection, which Exchange 2019 has on by default from CU14: Outlook would ask for the password forever");
  }
  if (mode._sslBridge?.http2 === true) warning("http2 lets NTLM and Kerberos logins fail, which are bound to a connection");
  if (mode._sslBridge?.tlsPolicy === TlsPolicy.OLD) warning("tlsPolicy is old: TLS 1.0 and 1.1 have been deprecated since RFC 8996");
  const replaced = Object.keys(mode._sslBridge?.replaceResponseHeaders ?? {}).find((name) => /^content-security-policy/i.test(name));
  if (replaced !== undefined) {
    warning(`replaceResponseHeaders has ${replaced}, which takes away Exchange's own, the mitigation of CVE-2026-42897; in responseHeaders it is set only where Exchange has none`);
  }
  if (hostKey === undefined) {
    warning("hostKey is not set, so the node's certificate and passwords go to whoever answers at its address");
  }
  if (monitoring?._prometheus.password !== undefined && !monitoring._prometheus.tls) {
    warning("monitoring.tls is not set, so the password of the metrics port crosses the network in clear");
  }
  if (dag._border !== undefined) {
    dag._border.warnings.forEach(warning);
    return;
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
