import { HostFile } from "./host-file";

/** The path of the certificate check on a balancer. */
export const CERTIFICATE_CHECK = "/usr/libexec/cdktf-exchange-balancer/certificate-check";

/**
 * The settings of the certificate check. Names and addresses may contain Terraform tokens, so they are only written
 * out.
 */
export interface CertificateCheckModel {
  /** Whether a mismatch stops a deploy, or is only printed. */
  readonly mismatch: string;
  readonly warnDays: number;
  /** The CAs that the host trusts, as one file. */
  readonly caFile: string;
  /**
   * Each name that clients ask for, the certificate file for it, and how many days before the end to warn. `other` is
   * true for the name of another host, whose problems do not stop a deploy of Exchange.
   */
  readonly present: readonly { readonly name: string; readonly pem: string; readonly warnDays: number; readonly other?: boolean }[];
  /**
   * How a border proxy reaches its members: the port, and whether it sends a PROXY header. Undefined: port 443 without
   * a PROXY header.
   */
  readonly through?: { readonly port: number; readonly proxy: boolean };
  /** The names that HAProxy sends (SNI) to ask the members for their certificate. */
  readonly ask: readonly string[];
  readonly members: readonly { readonly name: string; readonly host: string; readonly ready: boolean }[];
  /**
   * The servers of other hosts, and the name that their certificate must contain. Their certificate may differ from the
   * balancer's certificate.
   */
  readonly servers: readonly { readonly name: string; readonly host: string; readonly port: number; readonly verifyName: string }[];
}

/** The check script and its config. They contain no secret, because monitoring runs the script as any user. */
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
