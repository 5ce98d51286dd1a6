import { BorderProxyProps, ExchangeBalancerProps, OsProfile } from "cdktf-exchange-balancer";

/** The settings that differ from site to site. Everything else has the library's defaults. */
export interface Settings {
  /** The DNS names by which clients reach Exchange. */
  readonly clientNames: string[];
  /** The members of the DAG: the Exchange servers. */
  readonly members: { readonly name: string; readonly host: string; readonly weight: number }[];
  /**
   * `tcp` passes HTTPS through without reading it, so `allow` cannot have `ecp` and `owa`. `sslBridge` decrypts HTTPS with
   * the certificate.
   */
  readonly mode: "tcp" | "sslBridge";
  /** The path of the PEM file with certificate, chain and private key, relative to this project's folder. */
  readonly pemFile: string;
  /** The paths of the PEM files of the CAs that signed the certificate; empty for a public CA. */
  readonly rootCas: string[];
  /** The clients that may use SMTP, the admin center and Outlook on the web. */
  readonly allow: NonNullable<ExchangeBalancerProps["allow"]>;
  /**
   * The VM that normally holds the virtual addresses. `hostKey` is the whole output of `ssh-keyscan HOST`; compare it with
   * what the VM's console shows.
   */
  readonly master: ExchangeBalancerProps["master"];
  /** The VM that takes over the virtual addresses if the master fails. It has the same props as `master`. */
  readonly backup: ExchangeBalancerProps["backup"];
  /** The operating system of both VMs. */
  readonly os: OsProfile;
  /** The user that logs in to the VMs, with a key from the ssh agent. */
  readonly sshUser: string;
  /** The virtual addresses that the two VMs share. */
  readonly virtualAddresses: string[];
  /** The network interface that carries the virtual addresses. */
  readonly interface: string;
  /** The VRRP router id: a number from 1 to 255 that no other VRRP group in the network uses. */
  readonly virtualRouterId: number;
  /** Whether to deploy the article's third proxy: the border proxy in the DMZ, for internet clients. See docs/border.md. */
  readonly border: boolean;
  /** The VM of the border proxy. */
  readonly borderHost: BorderProxyProps["master"];
}

/** The settings of the article's site. Replace them with your own; `npm start` shows the result. */
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
