/** Systems that keep things in the same places. */
export type OsFamily = "redhat" | "debian";

/** Where a family keeps what a balancer needs, and what it calls it. */
export interface OsLayout {
  /** The CAs that the host trusts, as one file. */
  readonly caBundle: string;
  /** The folder for further CAs. */
  readonly anchorFolder: string;
  /** The ending that a further CA must have to be seen. */
  readonly anchorEnding: string;
  /** True where HAProxy may use the host's crypto policy. */
  readonly systemCryptoPolicy: boolean;
  /** The package with `ss`. */
  readonly socketStatistics: string;
  /** What firewalld needs to filter with nftables and to know the protocol vrrp. */
  readonly firewallPackages: readonly string[];
}

export const OS_LAYOUTS: Readonly<Record<OsFamily, OsLayout>> = {
  redhat: {
    // What /etc/pki/tls/certs/ca-bundle.crt, the article's, links to; the link is going away in release 10.
    caBundle: "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    anchorFolder: "/etc/pki/ca-trust/source/anchors",
    anchorEnding: ".ca",
    systemCryptoPolicy: true,
    socketStatistics: "iproute",
    firewallPackages: ["firewalld"],
  },
  debian: {
    caBundle: "/etc/ssl/certs/ca-certificates.crt",
    anchorFolder: "/usr/local/share/ca-certificates",
    // update-ca-certificates passes over every other ending without a word.
    anchorEnding: ".crt",
    systemCryptoPolicy: false,
    socketStatistics: "iproute2",
    // Recommended, not required, by Debian's firewalld; without netbase there is no /etc/protocols.
    firewallPackages: ["firewalld", "python3-nftables", "netbase"],
  },
};
