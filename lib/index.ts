export { AllowLists } from "./allow-lists";
export { Balance } from "./balance";
export {
  BalancingMode,
  CertificateMismatch,
  SniCert,
  SslBridgeOptions,
  SslOffloadOptions,
  TcpModeOptions,
  TlsFrontOptions,
} from "./balancing-mode";
export { ClientLimits } from "./client-limits";
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
export { HealthCheck } from "./health-check";
export { ActiveActiveProps, KeepalivedPair, KeepalivedPairProps, VirtualAddressProps } from "./keepalived-pair";
export { MailProtocol, MailProtocolOptions } from "./mail-protocol";
export { MemberState } from "./member-state";
export { OsProfile } from "./os-profile";
export { RemovalPolicy } from "./removal-policy";
export { PrivateKeyFileOptions, PrivateKeyOptions, SshAccess, SshAccessOptions, SshBastion } from "./ssh-access";
export { PathStrictness } from "./path-strictness";
export { CertificateCheckProps, PemFileProps, PemProps, SslBridgeCert } from "./ssl-bridge-cert";
export { TlsPolicy } from "./tls-policy";
export { VirtualDirectory, VirtualDirectoryOptions } from "./virtual-directory";
