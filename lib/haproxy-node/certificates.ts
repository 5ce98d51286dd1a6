import { Token } from "cdktf";
import { Construct } from "constructs";
import { CertificateMismatch, SslBridgeOptions } from "../choices/balancing-mode";
import { MemberState } from "../choices/member-state";
import { OtherHost, otherPort } from "../choices/other-host";
import { ExchangeDag } from "../exchange-dag";
import { certificateCheckFiles } from "../host/certificate-check";
import { HostFile } from "../host/host-file";
import { OsLayout } from "../host/systems";
import { SslBridgeCert } from "../ssl-bridge-cert";
import { Checks } from "../validation/checks";
import { invalid, refused } from "../validation/errors";
import { DNS_NAME } from "../validation/rules";
import { ANY_CASE } from "../validation/sameness";

export const CERT_FILE = "/etc/haproxy/exch.pem";
/**
 * The path of HAProxy's crt-list, which assigns names to certificates. The library uses it only if there are several
 * certificates.
 */
export const CERT_LIST = "/etc/haproxy/exch.crt-list";

/**
 * Checks that each certificate for Exchange contains the client names for which HAProxy uses it, and also the members'
 * hosts if the certificate's prop `coversMembers` is true. Checks that each name in `sniCerts` is a client name of the
 * DAG, and that no name has two certificates. Checks that different root CAs have different names.
 */
export function checkCertificates(scope: Construct, checks: Checks, bridge: SslBridgeOptions, dag: ExchangeDag, others: readonly OtherHost[] = []): void {
  const known = (name: string): boolean => dag.clientNames.some((other) => Token.isUnresolved(other) || other.toLowerCase() === name.toLowerCase());
  for (const [index, { names }] of (bridge.sniCerts ?? []).entries()) {
    const prop = `sniCerts[${index}].names`;
    checks.list(prop, names, 1, 100, "at least one of the DAG's clientNames");
    for (const [at, name] of names.entries()) {
      checks.text(`${prop}[${at}]`, name, DNS_NAME);
      if (!Token.isUnresolved(name) && !known(name)) {
        throw invalid(scope.node.path, `${prop}[${at}]`, `one of the DAG's clientNames (${dag.clientNames.join(", ")})`, name);
      }
    }
  }
  const all = (bridge.sniCerts ?? []).flatMap(({ names }) => names);
  checks.different("clientNames[0] (the name of the first certificate) and the names of sniCerts", [...dag.clientNames.slice(0, 1), ...all], ANY_CASE);
  const cas = new Map<string, string>();
  for (const { cert } of served(bridge, others)) {
    for (const [name, { source }] of cert._rootCas) {
      if ((cas.get(name) ?? source) !== source) {
        throw refused(scope.node.path, `rootCas of different certificates must not use the same name for different CAs, got two different CAs named "${name}"`);
      }
      cas.set(name, source);
    }
  }
  // A border proxy asks the servers behind it for a client name (SNI), so their hosts need not be in the certificate.
  const members = dag._border === undefined ? dag.members.map(({ host }) => host) : [];
  bridge.cert._mustCover(namesOfFirst(dag, bridge), members);
  for (const { cert, names } of bridge.sniCerts ?? []) cert._mustCover(names, members);
}

/**
 * One of the certificates that `served` lists, its file, and the names for which HAProxy presents this certificate. The
 * first certificate in that list has no names here: HAProxy presents it for every name that no other entry contains.
 */
interface Served {
  readonly cert: SslBridgeCert;
  readonly file: string;
  readonly names: readonly string[];
  /** Whether the certificate belongs to one of `otherHosts`. The members do not present such a certificate. */
  readonly other?: boolean;
}

export function served({ cert, sniCerts = [] }: SslBridgeOptions, others: readonly OtherHost[] = []): readonly Served[] {
  return [
    { cert, file: CERT_FILE, names: [] },
    ...sniCerts.map((further, index) => ({ ...further, file: `/etc/haproxy/exch-${index + 2}.pem` })),
    ...others.flatMap(({ name, hostNames, cert: own }) => (own === undefined ? [] : [{ cert: own, names: hostNames, file: otherCertFile(name), other: true }])),
  ];
}

function otherCertFile(name: string): string {
  return `/etc/haproxy/other-${name}.pem`;
}

/** The client names for which HAProxy uses the first certificate. */
export function namesOfFirst({ clientNames }: ExchangeDag, { sniCerts = [] }: SslBridgeOptions): readonly string[] {
  const others = sniCerts.flatMap(({ names }) => names.map((name) => name.toLowerCase()));
  return clientNames.filter((name) => !others.includes(name.toLowerCase()));
}

export function certFiles(bridge: SslBridgeOptions, dag: ExchangeDag, layout: OsLayout, check: string | undefined, others: readonly OtherHost[] = []): readonly HostFile[] {
  const certificates = served(bridge, others);
  const exchange = certificates.filter(({ other }) => other !== true);
  const names = namesOfFirst(dag, bridge);
  const rootCas = new Map(certificates.flatMap(({ cert }) => [...cert._rootCas]));
  const verifyHost = dag.clientNames[0] ?? "";
  return [
    ...certificates.map(({ cert, file }): HostFile => ({ path: file, mode: "0600", usedBy: "haproxy", content: cert._pem, secret: true })),
    ...(certificates.length === 1
      ? []
      : [
          {
            path: CERT_LIST,
            mode: "0644",
            usedBy: "haproxy",
            // HAProxy also uses the first certificate if a client asks for another name, or for no name.
            content: certificates.map((one, index) => `${one.file} ${(index === 0 ? names : one.names).join(" ")}\n`).join(""),
          } as const,
        ]),
    ...caFiles([...rootCas].map(([name, { pem }]) => [name, pem]), layout),
    // With offloading, the members present no certificate, so a deploy compares none.
    ...(check === undefined ? [] : certificateCheckFiles({
      mismatch: bridge.onCertificateMismatch ?? CertificateMismatch.STOP,
      warnDays: bridge.cert._expiryWarningDays,
      caFile: layout.caBundle,
      present: [
        ...exchange.flatMap((one, index) => (index === 0 ? names : one.names).map((name) => ({ name, pem: one.file, warnDays: one.cert._expiryWarningDays }))),
        ...others.flatMap(({ name: host, hostNames, cert = bridge.cert }) =>
          hostNames.map((name) => ({ name, pem: cert === bridge.cert ? CERT_FILE : otherCertFile(host), warnDays: cert._expiryWarningDays, other: true })),
        ),
      ],
      ...(dag._border === undefined ? {} : { through: { port: dag._border.inner.httpsPort, proxy: dag._border.inner.proxyProtocol } }),
      ask: [verifyHost, ...exchange.flatMap((one) => one.names)],
      members: dag.members.map(({ name, host, weight, state = MemberState.READY }) => ({ name, host, ready: weight !== 0 && state === MemberState.READY })),
      servers: others.filter(({ tls = true }) => tls).flatMap((other) =>
        other.servers.map((host) => ({ name: other.name, host, port: otherPort(other), verifyName: other.verifyName ?? other.hostNames[0] ?? "" })),
      ),
    }, check)),
  ];
}

export function caFiles(cas: readonly (readonly [string, string])[], layout: OsLayout): readonly HostFile[] {
  return cas.map(([name, content]) => ({
    path: `${layout.anchorFolder}/${name}${layout.anchorEnding}`,
    mode: "0644",
    usedBy: "trust",
    content,
  }));
}
