import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { inState } from "./paths";
import { must } from "./run";
import { CLIENT_NAMES, DOMAIN } from "./topology";

const NAMES = [...CLIENT_NAMES, `exch01.${DOMAIN}`, `exch02.${DOMAIN}`];

/** The lab's authority and the one certificate that the balancers and both Exchange servers share. */
export const CERTIFICATES = {
  root: inState("tls", "lab-root.ca"),
  rootKey: inState("tls", "lab-root.key"),
  certificate: inState("tls", "exchange.crt"),
  key: inState("tls", "exchange.key"),
  /** Certificate, chain, key: as HAProxy reads it. */
  pem: inState("tls", "exch.pem"),
} as const;

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

export async function makeCertificates(): Promise<void> {
  const { root, rootKey, certificate, key, pem } = CERTIFICATES;
  if (existsSync(pem)) return;
  mkdirSync(inState("tls"), { recursive: true, mode: 0o700 });
  await must(["openssl", "req", "-x509", ...newKey, "-days", "365", "-subj", "/CN=Exchange balancer lab root",
    "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", rootKey, "-out", root]);
  const request = inState("tls", "exchange.csr");
  const extensions = inState("tls", "exchange.ext");
  writeFileSync(extensions, [
    `subjectAltName=${NAMES.map((name) => `DNS:${name}`).join(",")}`,
    "basicConstraints=CA:FALSE",
    "extendedKeyUsage=serverAuth",
    "",
  ].join("\n"));
  await must(["openssl", "req", "-new", ...newKey, "-subj", `/CN=${NAMES[0]}`, "-keyout", key, "-out", request]);
  await must(["openssl", "x509", "-req", "-in", request, "-CA", root, "-CAkey", rootKey, "-CAcreateserial",
    "-days", "365", "-extfile", extensions, "-out", certificate]);
  const parts = [certificate, root, key].map((file) => readFileSync(file, "utf8"));
  writeFileSync(pem, parts.join(""), { mode: 0o600 });
}
