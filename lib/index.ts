export { AllowLists } from "./choices/allow-lists";
export { Balance } from "./choices/balance";
export {
  BalancingMode,
  CertificateMismatch,
  SniCert,
  SslBridgeOptions,
  SslOffloadOptions,
  TcpModeOptions,
  TlsFrontOptions,
} from "./choices/balancing-mode";
export { BorderAccess, BorderAccessOptions, InnerAccess, InnerPorts } from "./choices/border-access";
export { BorderMode, BorderTcpOptions } from "./choices/border-mode";
export { BorderProxy } from "./border-proxy";
export { BorderProxyProps } from "./border/props";
export { ClientLimits } from "./choices/client-limits";
export { Duration } from "./choices/duration";
export { ExchangeBalancer, ExchangeBalancerProps } from "./exchange-balancer";
export { DagMember, ExchangeDag, ExchangeDagProps } from "./exchange-dag";
export { ArticleFailoverOptions, Failover, FailoverOptions, TakeoverTimes } from "./choices/failover";
export { HaproxyNode } from "./haproxy-node/haproxy-node";
export { HaproxyCommonProps, HaproxyNodeCommonProps, HaproxyNodeProps } from "./haproxy-node/props";
export { Monitoring, PrometheusOptions } from "./choices/monitoring";
export { HaproxyLogs, RemoteLogsOptions } from "./choices/haproxy-logs";
export { HaproxyLines, HaproxySection, HaproxySectionType } from "./choices/haproxy-lines";
export { HaproxyTimeouts } from "./choices/haproxy-timeouts";
export { HostFirewallMode } from "./choices/host-firewall-mode";
export { HealthCheck } from "./choices/health-check";
export { KeepalivedLines } from "./choices/keepalived-lines";
export { ActiveActiveProps, KeepalivedPair, KeepalivedPairProps, VirtualAddressProps } from "./keepalived-pair";
export { BalancerHost, ManagedHost, ManagedHostCommonProps, ManagedHostProps } from "./managed-host";
export { AttackPattern, KnownAttackEntry, KnownAttacks, KnownAttacksOptions } from "./choices/known-attacks";
export { MailProtocol, MailProtocolOptions } from "./choices/mail-protocol";
export { MemberState } from "./choices/member-state";
export { OtherHost } from "./choices/other-host";
export { OsProfile } from "./choices/os-profile";
export { HybridOptions, Publication, PublicationOptions, SmtpPublicationOptions, WebmailOptions } from "./choices/publication";
export { RemovalPolicy } from "./choices/removal-policy";
export { PrivateKeyFileOptions, PrivateKeyOptions, SshAccess, SshAccessOptions, SshAgentOptions, SshBastion } from "./choices/ssh-access";
export { PasswordGuessing, PasswordGuessingOptions } from "./choices/password-guessing";
export { PathStrictness } from "./choices/path-strictness";
export { CertificateCheckProps, PemFileProps, PemProps, SslBridgeCert } from "./ssl-bridge-cert";
export { HostFile, HostFiles } from "./testing/host-files";
export { StackSnapshot } from "./stack-snapshot";
export { TransparentIpv6, TransparentProxy, TransparentProxyOptions } from "./choices/transparent-proxy";
export { TlsPolicy } from "./choices/tls-policy";
export { CloudInitOptions, UserData } from "./user-data";
export { UserDataTarget } from "./choices/user-data-target";
export { VirtualDirectory, VirtualDirectoryOptions } from "./choices/virtual-directory";
