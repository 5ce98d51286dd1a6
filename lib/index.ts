export { AllowLists } from "./allow-lists";
export { Balance } from "./balance";
export { BalancingMode, CertificateMismatch, SniCert, SslBridgeOptions, TcpModeOptions } from "./balancing-mode";
export { Duration } from "./duration";
export { ExchangeBalancer, ExchangeBalancerProps } from "./exchange-balancer";
export { DagMember, ExchangeDag, ExchangeDagProps } from "./exchange-dag";
export { ArticleFailoverOptions, Failover, FailoverOptions, TakeoverTimes } from "./failover";
export {
  BalancerHost,
  HaproxyNode,
  HaproxyNodeCommonProps,
  HaproxyNodeProps,
  HaproxyTimeouts,
  HostFirewallMode,
} from "./haproxy-node";
export { ActiveActiveProps, KeepalivedPair, KeepalivedPairProps, VirtualAddressProps } from "./keepalived-pair";
export { MailProtocol, MailProtocolOptions } from "./mail-protocol";
export { MemberState } from "./member-state";
export { OsProfile } from "./os-profile";
export { RemovalPolicy } from "./removal-policy";
export { PrivateKeyFileOptions, PrivateKeyOptions, SshAccess, SshAccessOptions, SshBastion } from "./ssh-access";
export { CertificateCheckProps, PemFileProps, PemProps, SslBridgeCert } from "./ssl-bridge-cert";
export { VirtualDirectory, VirtualDirectoryOptions } from "./virtual-directory";
