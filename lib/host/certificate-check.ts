import { HostFile } from "./host-file";

/** The path of the certificate check on a balancer. */
export const CERTIFICATE_CHECK = "/usr/libexec/cdktf-exchange-balancer/certificate-check";

/**
 * The settings of the certificate check. Names and addresses may contain Terraform tokens, so the code writes them to
 * the config unchanged.
 */
export interface CertificateCheckModel {
  /**
   * What a deploy does if a member has another certificate than the balancer: `stop`, or `warn` (prints the mismatch
   * and continues).
   */
  readonly mismatch: string;
  readonly warnDays: number;
  /** The path of the file that contains all CAs that the host trusts. */
  readonly caFile: string;
  /**
   * One entry for each name that clients ask for. `pem` is the certificate file of this name. The check starts to warn
   * `warnDays` days before the certificate expires. `other` is true if the name belongs to another web site than
   * Exchange. If `other` is true, a problem with the certificate stops a deploy only if the deploy changes this
   * certificate.
   */
  readonly present: readonly { readonly name: string; readonly pem: string; readonly warnDays: number; readonly other?: boolean }[];
  /**
   * How a border proxy reaches its members: the port, and whether it sends a PROXY header. If undefined, the port is
   * 443 and there is no PROXY header.
   */
  readonly through?: { readonly port: number; readonly proxy: boolean };
  /**
   * The names that HAProxy sends to the members as SNI. The check asks the members for the certificates of these names.
   */
  readonly ask: readonly string[];
  readonly members: readonly { readonly name: string; readonly host: string; readonly ready: boolean }[];
  /**
   * The servers of other web sites. A server's certificate must contain `verifyName`, but it may differ from the
   * balancer's certificate.
   */
  readonly servers: readonly { readonly name: string; readonly host: string; readonly port: number; readonly verifyName: string }[];
}

/** The check script and its config. Neither contains a secret, because monitoring may run the script as any user. */
export function certificateCheckFiles(model: CertificateCheckModel, script: string): readonly HostFile[] {
  const lines = [
    "# Written by cdktf-exchange-balancer: the certificates that certificate-check compares.",
    `mismatch ${model.mismatch}`,
    `warn-days ${model.warnDays}`,
    `trust ${model.caFile}`,
    ...model.present.map(({ name, pem, warnDays, other }) => `present ${name} ${pem} ${warnDays}${other === true ? " other" : ""}`),
    ...(model.through === undefined ? [] : [`port ${model.through.port}`, ...(model.through.proxy ? ["proxy v2"] : [])]),
    ...model.ask.map((name) => `ask ${name}`),
    ...model.members.map(({ name, host, ready }) => `member ${name} ${host} ${ready ? "ready" : "drained"}`),
    ...model.servers.map(({ name, host, port, verifyName }) => `server ${name} ${host} ${port} ${verifyName}`),
  ];
  return [
    { path: "/etc/haproxy/certificate-check.conf", mode: "0644", usedBy: "none", content: lines.map((line) => `${line}\n`).join("") },
    { path: CERTIFICATE_CHECK, mode: "0755", usedBy: "none", content: script },
  ];
}
