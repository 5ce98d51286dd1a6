import { BorderProxyProps, ExchangeBalancerProps, OsProfile } from "cdktf-exchange-balancer";

/** What differs from site to site. Everything else is the library's default. */
export interface Settings {
  /** The names by which clients reach Exchange. */
  readonly clientNames: string[];
  /** The DAG's members. */
  readonly members: { readonly name: string; readonly host: string; readonly weight: number }[];
  /** `tcp` passes HTTPS through unread, so that `allow` has no `ecp` and `owa`; `sslBridge` opens it with the certificate. */
  readonly mode: "tcp" | "sslBridge";
  /** The PEM file with certificate, chain and private key; relative to this project's folder. */
  readonly pemFile: string;
  /** PEM files of the CAs that signed the certificate; none for a public CA. */
  readonly rootCas: string[];
  /** Who may connect. */
  readonly allow: NonNullable<ExchangeBalancerProps["allow"]>;
  /** The two VMs. `hostKey` is all that `ssh-keyscan HOST` prints, compared with what the VM's console shows. */
  readonly master: ExchangeBalancerProps["master"];
  readonly backup: ExchangeBalancerProps["backup"];
  /** Their operating system. */
  readonly os: OsProfile;
  /** Who logs in on them, with a key of the ssh agent. */
  readonly sshUser: string;
  /** The address between them, and the interface that carries it. */
  readonly virtualAddresses: string[];
  readonly interface: string;
  /** A number from 1 to 255 that no other VRRP group of the network has. */
  readonly virtualRouterId: number;
  /** Whether there is the third proxy of the article's picture, in the DMZ, for clients outside. docs/border.md leads through it. */
  readonly border: boolean;
  /** Its VM. */
  readonly borderHost: BorderProxyProps["master"];
}

/** The article's site. Put your own values here; `npm start` shows what comes of them. */
export const settings: Settings = {
  clientNames: ["mail.mydomain.local", "autodiscover.mydomain.local"],
  members: [
    { name: "exch01", host: "exch01.mydomain.local", weight: 75 },
    { name: "exch02", host: "exch02.mydomain.local", weight: 25 },
  ],
  mode: "sslBridge",
  pemFile: "exch.pem",
  rootCas: ["mydomain-root.ca"],
  allow: {
    smtp: ["10.8.5.17/32"],
    ecp: ["10.8.5.0/24"],
    owa: ["10.0.0.0/8"],
  },
  master: { host: "10.12.8.11" },
  backup: { host: "10.12.8.12" },
  os: OsProfile.ALMALINUX_8,
  sshUser: "root",
  virtualAddresses: ["10.12.8.15"],
  interface: "ens192",
  virtualRouterId: 233,
  border: true,
  borderHost: { host: "10.12.9.11" },
};
