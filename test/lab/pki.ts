import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { must } from "./run";

/** A certificate that Pki issued. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
  /** The path of a PEM file for HAProxy: certificate, intermediates, private key. */
  readonly pem: string;
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** A CA made with openssl: a root CA or an intermediate CA. All of the CA's files are in one folder. */
export class Pki {
  private constructor(
    private readonly folder: string,
    readonly certificate: string,
    private readonly key: string,
    /**
     * The intermediate certificates from this CA up to its root, without the root. In a PEM file, they follow the
     * certificate that this CA has signed.
     */
    private readonly chain: readonly string[],
  ) {}

  static async root(folder: string, name: string): Promise<Pki> {
    mkdirSync(folder, { recursive: true });
    const [certificate, key] = [path.join(folder, `${name}.ca`), path.join(folder, `${name}.key`)];
    await must(["openssl", "req", "-x509", ...newKey, "-days", "365", "-subj", `/CN=${name}`,
      "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", key, "-out", certificate]);
    return new Pki(folder, certificate, key, []);
  }

  /** Uses an existing CA. */
  static at(folder: string, certificate: string, key: string): Pki {
    return new Pki(folder, certificate, key, []);
  }

  async intermediate(name: string): Promise<Pki> {
    const { certificate, key } = await this.sign(name, ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"], 300);
    return new Pki(this.folder, certificate, key, [certificate, ...this.chain]);
  }

  async server(name: string, hosts: readonly string[], days = 90): Promise<Issued> {
    const { certificate, key } = await this.sign(name, [
      `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(",")}`,
      "basicConstraints=CA:FALSE",
      "extendedKeyUsage=serverAuth",
    ], days);
    const pem = path.join(this.folder, `${name}.pem`);
    const parts = [certificate, ...this.chain, key].map((file) => readFileSync(file, "utf8"));
    writeFileSync(pem, parts.join(""), { mode: 0o600 });
    // What a server is given apart from its key: certificate and chain.
    writeFileSync(certificate, parts.slice(0, -1).join(""));
    return { certificate, key, pem };
  }

  private async sign(name: string, extensions: readonly string[], days: number): Promise<{ certificate: string; key: string }> {
    const at = (ending: string): string => path.join(this.folder, `${name}.${ending}`);
    writeFileSync(at("ext"), `${extensions.join("\n")}\n`);
    await must(["openssl", "req", "-new", ...newKey, "-subj", `/CN=${name}`, "-keyout", at("key"), "-out", at("csr")]);
    await must(["openssl", "x509", "-req", "-in", at("csr"), "-CA", this.certificate, "-CAkey", this.key, "-CAcreateserial",
      "-days", String(days), "-extfile", at("ext"), "-out", at("crt")]);
    return { certificate: at("crt"), key: at("key") };
  }
}

/** The SHA-256 fingerprint of the certificate in a file, according to openssl. */
export async function fingerprint(file: string): Promise<string> {
  return (await must(["openssl", "x509", "-in", file, "-noout", "-fingerprint", "-sha256"])).trim().replace(/.*=/, "");
}
