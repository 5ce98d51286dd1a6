from cdktf import App, TerraformStack, TerraformVariable
from cdktf_exchange_balancer import (
    ActiveActiveProps, AllowLists, Balance, BalancerHost, BalancingMode, CertificateMismatch, ClientLimits, DagMember, Duration, ExchangeBalancer, ExchangeDag,
    Failover, HaproxyNode, HaproxyTimeouts, HealthCheck, HostFirewallMode, KeepalivedPair, MailProtocol, MemberState, Monitoring, OsProfile, PathStrictness,
    RemovalPolicy, SniCert, SshAccess, SshBastion, SslBridgeCert, TlsPolicy, VirtualDirectory,
)

# Every choice, the same as in main.ts beside it: both have to synthesize to the same.
app = App()
stack = TerraformStack(app, "everything")


def secret(name: str) -> str:
    return TerraformVariable(stack, name, type="string", sensitive=True).string_value


certificate = TerraformVariable(stack, "certificate", type="string").string_value
cert = SslBridgeCert.from_pem(stack, "Cert", certificate=certificate, private_key=secret("private_key"), root_cas={"company": certificate})
other = SslBridgeCert.from_pem(stack, "Other", certificate=certificate, private_key=secret("other_key"))
dag = ExchangeDag(
    stack, "Dag",
    client_names=["mail.mydomain.local", "autodiscover.mydomain.local"],
    members=[
        DagMember(name="exch01", host="exch01.mydomain.local", weight=75, verify_name="exch01.mydomain.local"),
        DagMember(name="exch02", host="exch02.mydomain.local", weight=25, state=MemberState.DRAIN),
        DagMember(name="exch03", host="exch03.mydomain.local", backup=True, state=MemberState.MAINTENANCE),
    ],
    mail_protocols=[
        MailProtocol.smtp(member_maxconn=15), MailProtocol.submission(), MailProtocol.imap(maxconn=900),
        MailProtocol.imaps(balance=Balance.LEASTCONN, idle_timeout=Duration.hours(1)), MailProtocol.pop3(port=1110, member_port=110), MailProtocol.pop3s(balance=Balance.SOURCE),
    ],
    virtual_directories=[
        VirtualDirectory.owa(balance=Balance.ROUNDROBIN), VirtualDirectory.ecp(), VirtualDirectory.active_sync(server_timeout=Duration.minutes(31)), VirtualDirectory.autodiscover(),
        VirtualDirectory.ews(), VirtualDirectory.mapi(), VirtualDirectory.oab(), VirtualDirectory.power_shell(), VirtualDirectory.rpc(),
        VirtualDirectory.of("/cmp", connect_timeout=Duration.seconds(2), health_path="/cmp/healthcheck.htm"),
    ],
    name_servers=["10.12.8.2"],
    health_check_interval=Duration.millis(2500),
    health_check_fast_interval=Duration.millis(900),
    health_check_fall=4,
    health_check_rise=3,
)
ExchangeBalancer(
    stack, "Mail",
    dag=dag,
    mode=BalancingMode.ssl_bridge(
        cert=cert, sni_certs=[SniCert(cert=other, names=["autodiscover.mydomain.local"])], on_certificate_mismatch=CertificateMismatch.WARN, tls_policy=TlsPolicy.INTERMEDIATE,
        path_strictness=PathStrictness.LENIENT, client_timeout=Duration.minutes(5), response_headers={"X-Frame-Options": "SAMEORIGIN"}, redirect_to_https=True,
    ),
    allow=AllowLists(smtp=["10.8.5.17/32"], ecp=["10.8.5.0/24"], owa=["10.0.0.0/8"]),
    os=OsProfile.DEBIAN_12.with_haproxy("3.0"),
    ssh=SshAccess.private_key(user="deploy", private_key=secret("ssh_key"), bastion=SshBastion(host="bastion.mydomain.local", port=2222), connect_timeout=Duration.minutes(2)),
    firewall=HostFirewallMode.UNMANAGED,
    removal_policy=RemovalPolicy.RELEASE,
    limits=ClientLimits(connections=200, connections_per10s=100),
    timeouts=HaproxyTimeouts(connect=Duration.seconds(3), queue=Duration.seconds(20)),
    maxconn=9000,
    monitoring=Monitoring.prometheus(allow=["10.8.5.9"], username="prometheus", password=secret("monitoring_password")),
    master=BalancerHost(host="10.12.8.11", instance_id="vm-1"),
    backup=BalancerHost(host="10.12.8.12", instance_id="vm-2"),
    virtual_addresses=["10.12.8.15"],
    active_active=ActiveActiveProps(virtual_addresses=["10.12.8.16"], virtual_router_id=234),
    interface="ens192",
    virtual_router_id=233,
    failover=Failover.lan(yield_without_members=True, check_interval=Duration.seconds(2)),
)


def node(id: str, host: str) -> HaproxyNode:
    """Two nodes by hand, with the choices that the first pair leaves."""
    return HaproxyNode(
        stack, id,
        dag=ExchangeDag(stack, f"{id}Dag", client_names=["mail.other.example"], members=[DagMember(name="exch11", host="10.13.8.21")]),
        mode=BalancingMode.tcp(balance=Balance.SOURCE, health_check=HealthCheck.http_get("/owa/healthcheck.htm"), idle_timeout=Duration.minutes(20)),
        allow=AllowLists(smtp=["10.13.0.0/16"]),
        os=OsProfile.ALMALINUX_9,
        ssh=SshAccess.agent(agent_identity="deploy@mydomain"),
        host=host,
    )


KeepalivedPair(
    stack, "Vip",
    master=node("Lb11", "10.13.8.11"), backup=node("Lb12", "10.13.8.12"), virtual_addresses=["10.13.8.15"], interface="ens192", virtual_router_id=7,
    failover=Failover.article(auth_pass=secret("vrrp_password")),
)
app.synth()
