import { BorderMode } from "../choices/border-mode";
import { Publication } from "../choices/publication";
import { Checks } from "../validation/checks";
import { invalid, refused, wrong } from "../validation/errors";
import { Inside } from "./side";

/**
 * Checks that the publications fit the mode, and that the servers behind the border proxy accept the published mail
 * protocols.
 */
export function checkPublications(where: string, checks: Checks, publish: readonly Publication[], mode: BorderMode, inside: Inside, pair: boolean): void {
  checks.list("publish", publish, 1, 100, "at least one publication, such as Publication.outlook()");
  checks.different("publish", publish.map(({ name }) => name));
  const bridge = mode._balancing._sslBridge !== undefined;
  for (const [index, { name, _mail, _more }] of publish.entries()) {
    const prop = `publish[${index}]`;
    if (_mail !== undefined) {
      if (_more.edgeServers === undefined && inside.mailPorts[_mail.name] === undefined && (pair || inside.proxyProtocol)) {
        const ports = pair ? "border.mailPorts of the inner nodes" : "innerAccess.mailPorts";
        throw refused(where, `${prop} must be a mail protocol that is listed in ${ports} (listed: ${Object.keys(inside.mailPorts).join(", ") || "none"}), got ${name}`);
      }
    } else if (bridge && name === ALL) {
      throw wrong(where, prop, "a publication that names its directories, such as Publication.outlook(), if mode is BorderMode.sslBridge()", "allDirectories");
    } else if (!bridge && name !== ALL) {
      throw wrong(where, prop, "Publication.allDirectories() or a mail publication if mode is BorderMode.tcp(), because HAProxy cannot see paths in TCP mode", name);
    }
  }
  if (publish.every(({ _mail }) => _mail !== undefined)) {
    throw invalid(where, "publish", "a list with at least one publication for HTTPS", publish.map(({ name }) => name).join(", "));
  }
}

const ALL = Publication.allDirectories().name;
