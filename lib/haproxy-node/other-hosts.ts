import { Token } from "cdktf";
import { Construct } from "constructs";
import { checkAllowList } from "../choices/allow-lists";
import { OtherHost, otherHostModel, otherPort } from "../choices/other-host";
import { TIMEOUTS } from "../choices/timeouts";
import { AcmeModel } from "../haproxy/acme";
import { OtherHostModel } from "../haproxy/model";
import { OsLayout } from "../host/systems";
import { Checks } from "../validation/checks";
import { refused, wrong } from "../validation/errors";
import { ACME_RESPONDER, DNS_NAME, HEALTH_PATH, NOT_ITSELF, OTHER_HOST, SERVICE_ROLE } from "../validation/rules";
import { ANY_CASE, SAME_HOST, SAME_PORT } from "../validation/sameness";
import { HaproxyNodeProps } from "./props";

/**
 * Checks the props of each web site in `otherHosts`. Also checks that no web site has one of Exchange's names. Also
 * checks `acmeResponder`.
 */
export function checkOtherHosts(scope: Construct, checks: Checks, { dag, mode, otherHosts = [], acmeResponder, ...props }: HaproxyNodeProps): void {
  const bridge = mode._sslBridge !== undefined;
  checks.list("otherHosts", otherHosts, 0, 50, "at most 50");
  checks.different("otherHosts' name", otherHosts.map(({ name }) => name));
  otherHosts.forEach((host, index) => {
    const prop = (name: string): string => `otherHosts[${index}].${name}`;
    checks.known(prop("name"), host.name, SERVICE_ROLE);
    checks.list(prop("hostNames"), host.hostNames, 1, 20, "1 to 20 DNS names");
    host.hostNames.forEach((name, at) => checks.text(`${prop("hostNames")}[${at}]`, name, DNS_NAME));
    checks.list(prop("servers"), host.servers, 1, 16, "1 to 16 servers");
    host.servers.forEach((server, at) => {
      checks.text(`${prop("servers")}[${at}]`, server, OTHER_HOST);
      checks.apart(`${prop("servers")}[${at}]`, server, "the node's own host", props.host);
    });
    checks.different(prop("servers"), host.servers, SAME_HOST);
    checks.integer(prop("port"), otherPort(host), 1, 65535);
    if (host.verifyName !== undefined) checks.text(prop("verifyName"), host.verifyName, DNS_NAME);
    if (host.healthPath !== undefined) checks.known(prop("healthPath"), host.healthPath, HEALTH_PATH);
    if (host.allow !== undefined) checkAllowList(scope, checks, prop("allow"), host.allow);
    if (!bridge) {
      const unread = (["tls", "cert", "verifyName", "healthPath"] as const).find((name) => host[name] !== undefined);
      if (unread !== undefined) throw refused(scope.node.path, `${prop(unread)} must be left out in TCP mode, because HAProxy does not decrypt TLS in this mode`);
    } else if (host.verifyName !== undefined && host.tls === false) {
      throw refused(scope.node.path, `${prop("verifyName")} must be left out if tls is false, because the servers then present no certificate`);
    }
    (host.cert ?? mode._sslBridge?.cert)?._mustCover(host.hostNames.filter((name) => !Token.isUnresolved(name)), []);
  });
  if (otherHosts.length > 0) checks.different("clientNames of the dag and hostNames of otherHosts", [...dag.clientNames, ...otherHosts.flatMap(({ hostNames }) => hostNames)], ANY_CASE);
  if (acmeResponder === undefined) return;
  checks.text("acmeResponder", acmeResponder, ACME_RESPONDER);
  checks.text("acmeResponder", acmeResponder, NOT_ITSELF);
  checks.apart("acmeResponder", withPort(acmeResponder), "port 80 of the node's own host (HAProxy itself listens there)", `${props.host}:80`, SAME_PORT);
  if (!(mode._sslBridge?.redirectToHttps ?? mode._tcp?.redirectToHttps ?? true)) {
    throw wrong(scope.node.path, "redirectToHttps", "true if acmeResponder is set, because ACME challenges arrive on port 80", "false");
  }
}

/** The path of a web site's allow list. Undefined if the web site has no list. */
export function otherListFile({ name, allow }: OtherHost): string | undefined {
  return allow === undefined ? undefined : `/etc/haproxy/haproxy_other_${name}_whitelist.lst`;
}

export function otherHostModels({ mode, otherHosts = [] }: HaproxyNodeProps, { caBundle }: OsLayout): readonly OtherHostModel[] {
  const bridge = mode._sslBridge !== undefined;
  const idleTimeout = bridge ? undefined : (mode._tcp?.idleTimeout ?? TIMEOUTS.tcp);
  return otherHosts.map((host) => otherHostModel(host, { bridge, idleTimeout, caBundle, allowFile: otherListFile(host) }));
}

export function acmeModel({ acmeResponder }: HaproxyNodeProps): AcmeModel | undefined {
  if (acmeResponder === undefined) return undefined;
  return { address: withPort(acmeResponder) };
}

/**
 * Returns the ACME responder with its port. A literal without a port gets port 80. A token must already contain the
 * port.
 */
export function withPort(responder: string): string {
  return Token.isUnresolved(responder) || responder.includes(":") ? responder : `${responder}:80`;
}
