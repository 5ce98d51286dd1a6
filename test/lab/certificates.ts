import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { inState } from "./paths";
import { must } from "./run";
import { CLIENT_NAMES, DOMAIN } from "./topology";

const NAMES = [...CLIENT_NAMES, `exch01.${DOMAIN}`, `exch02.${DOMAIN}`];

/** The files of the lab's CA, and of the certificate that the balancers and both Exchange servers share. */
export const CERTIFICATES = {
  root: inState("tls", "lab-root.ca"),
  rootKey: inState("tls", "lab-root.key"),
  certificate: inState("tls", "exchange.crt"),
  key: inState("tls", "exchange.key"),
  /** The PEM file for HAProxy: certificate, chain, private key. */
  pem: inState("tls", "exch.pem"),
} as const;

/** Faulty certificates, each with its key. The stand-in for Exchange finds them by these file names. */
export const FAULTY = {
  wrong: { certificate: inState("tls", "wrong.pem"), key: inState("tls", "wrong.key") },
  expired: { certificate: inState("tls", "expired.pem"), key: inState("tls", "expired.key") },
} as const;

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

export async function makeCertificates(): Promise<void> {
  const { root, rootKey, certificate, key, pem } = CERTIFICATES;
  if (existsSync(pem)) return;
  mkdirSync(inState("tls"), { recursive: true, mode: 0o700 });
  await must(["openssl", "req", "-x509", ...newKey, "-days", "365", "-subj", "/CN=Exchange balancer lab root",
    "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", rootKey, "-out", root]);
  await sign({ key, certificate, names: NAMES });
  // The certificates of a faulty member: from the same authority, but for another name, or expired.
  await sign({ ...FAULTY.wrong, names: [`elsewhere.${DOMAIN}`] });
  await sign({ ...FAULTY.expired, names: NAMES, days: -1 });
  const parts = [certificate, root, key].map((file) => readFileSync(file, "utf8"));
  writeFileSync(pem, parts.join(""), { mode: 0o600 });
}

export interface Order {
  readonly key: string;
  readonly certificate: string;
  readonly names: readonly string[];
  readonly days?: number;
}

export async function sign({ key, certificate, names, days = 365 }: Order): Promise<void> {
  const { root, rootKey } = CERTIFICATES;
  const request = inState("tls", "exchange.csr");
  const extensions = inState("tls", "exchange.ext");
  writeFileSync(extensions, [
    `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`,
    "basicConstraints=CA:FALSE",
    "extendedKeyUsage=serverAuth",
    "",
  ].join("\n"));
  await must(["openssl", "req", "-new", ...newKey, "-subj", `/CN=${names[0]}`, "-keyout", key, "-out", request]);
  await must(["openssl", "x509", "-req", "-in", request, "-CA", root, "-CAkey", rootKey, "-CAcreateserial",
    "-days", String(days), "-extfile", extensions, "-out", certificate]);
}
