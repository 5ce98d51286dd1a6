import { HostFile } from "./host-file";

/** Where the comparison of certificates lies on a balancer. */
export const CERTIFICATE_CHECK = "/usr/libexec/cdktf-exchange-balancer/certificate-check";

/** What is compared. Names and addresses may hold Terraform tokens: they are written out, never looked into. */
export interface CertificateCheckModel {
  /** Whether a mismatch stops a deploy or is only told. */
  readonly mismatch: string;
  readonly warnDays: number;
  /** The CAs that the host trusts, as one file. */
  readonly caFile: string;
  /**
   * Each name that clients ask for, the file of the certificate that they get, and from how many days before its end to
   * warn. `other`: it is another host's, whose trouble stops no deploy of Exchange's.
   */
  readonly present: readonly { readonly name: string; readonly pem: string; readonly warnDays: number; readonly other?: boolean }[];
  /** How a border proxy reaches its members: their port, and whether a PROXY header comes first; none: port 443. */
  readonly through?: { readonly port: number; readonly proxy: boolean };
  /** The names that HAProxy asks the members for. */
  readonly ask: readonly string[];
  readonly members: readonly { readonly name: string; readonly host: string; readonly ready: boolean }[];
  /** Servers of other hosts, and the name that their certificate must carry. It need not be the balancer's. */
  readonly servers: readonly { readonly name: string; readonly host: string; readonly port: number; readonly verifyName: string }[];
}

/** The check (`script`) and what it is to compare. It holds no secret: monitoring runs it as any user. */
export function certificateCheckFiles(model: CertificateCheckModel, script: string): readonly HostFile[] {
  const lines = [
    "# Written by cdktf-exchange-balancer: what certificate-check compares.",
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
