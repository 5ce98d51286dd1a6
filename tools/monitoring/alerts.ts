/** A sample series of `promtool test rules`: labels, and values in its notation, one each 10 s. */
export interface Sample {
  readonly series: string;
  readonly values: string;
}

/** An alert, with a series that makes it fire, and a series of normal operation that must not make it fire. */
export interface Alert {
  readonly name: string;
  readonly expr: string;
  /** How long the expression must hold. */
  readonly for: string;
  readonly severity: "critical" | "warning";
  /** What is wrong, and what to do. */
  readonly summary: string;
  readonly fires: { readonly given: readonly Sample[]; readonly labels: Readonly<Record<string, string>>; readonly at?: string };
  readonly silent: { readonly because: string; readonly given: readonly Sample[]; readonly at?: string };
}

/** The jobs of monitoring/prometheus.yml: the rules select only these jobs, so series of another haproxy never make them fire. */
export const OWN_JOB = "exchange-balancer";
export const HAPROXY_JOB = "exchange-balancer-haproxy";

const DAY = 86_400;
const own = (name: string, labels = ""): string => `${name}{job="${OWN_JOB}"${labels === "" ? "" : `,${labels}`}}`;
const haproxy = (name: string, labels = ""): string => `${name}{job="${HAPROXY_JOB}"${labels === "" ? "" : `,${labels}`}}`;
const sample = (name: string, instance: string, labels: string, values: string): Sample => ({
  series: `${name}{job="${name.startsWith("haproxy_") ? HAPROXY_JOB : OWN_JOB}",instance="${instance}"${labels === "" ? "" : `,${labels}`}}`,
  values,
});

const LB01 = "10.12.8.11:9101";
const LB02 = "10.12.8.12:9101";
const member = (protocol: string, name: string, state: string, values: string): Sample =>
  sample("exchange_balancer_member_state", LB01, `protocol="${protocol}",member="${name}",state="${state}"`, values);
const held = (instance: string, values: string): Sample =>
  sample("exchange_balancer_virtual_address_held", instance, 'vrrp_instance="EMAIL_VIP1",address="10.12.8.15"', values);
const vrrp = (instance: string, state: string, values: string): Sample =>
  sample("exchange_balancer_vrrp_state", instance, `vrrp_instance="EMAIL_VIP1",state="${state}"`, values);

const DOWN_EVERYWHERE = `min by (job, instance, member) (${own("exchange_balancer_member_state", 'state="down"')}) == 1`;
const EXPIRES_IN = `min by (job, instance, presenter, name) (${own("exchange_balancer_certificate_expiry_timestamp_seconds")}) - time()`;
const FRONT_SHARE =
  `${haproxy("haproxy_frontend_current_sessions", 'proxy=~"fe_exch2019.*"')} / ${haproxy("haproxy_frontend_limit_sessions", 'proxy=~"fe_exch2019.*"')}`;

/** In the order of their urgency for an administrator at night. */
export const ALERTS: readonly Alert[] = [
  {
    name: "ExchangeAddressNowhere",
    expr: `sum by (job, address) (${own("exchange_balancer_virtual_address_held")}) == 0`,
    for: "20s",
    severity: "critical",
    summary:
      "No balancer holds {{ $labels.address }}: clients reach nobody. Run `exchange-balancer status` on both and start what is not running; `journalctl -u keepalived` says why neither took it.",
    fires: { given: [held(LB01, "1x3 0x20"), held(LB02, "0x30")], labels: { address: "10.12.8.15" } },
    silent: { because: "a failover is seen in parts, as each balancer is scraped", given: [held(LB01, "1x3 0x20"), held(LB02, "0x4 1x20")] },
  },
  {
    name: "ExchangeAddressTwice",
    expr: `sum by (job, address) (${own("exchange_balancer_virtual_address_held")}) > 1`,
    for: "30s",
    severity: "critical",
    summary:
      "Both balancers hold {{ $labels.address }}: some clients reach a balancer whose answers get lost. They do not hear each other's VRRP: let protocol 112 pass between them, then check that both were deployed by the same stack.",
    fires: { given: [held(LB01, "1x30"), held(LB02, "0x3 1x20")], labels: { address: "10.12.8.15" } },
    silent: { because: "a failover is seen in parts, as each balancer is scraped", given: [held(LB01, "1x6 0x20"), held(LB02, "0x4 1x20")] },
  },
  {
    name: "ExchangeProtocolUnserved",
    expr: `sum by (job, instance, protocol) (${own("exchange_balancer_member_state", 'state=~"up|unchecked"')}) == 0`,
    for: "20s",
    severity: "critical",
    summary:
      "No member serves {{ $labels.protocol }} behind {{ $labels.instance }}. Run `exchange-balancer status` there: it names the reason for each member. If all were drained, `exchange-balancer ready MEMBER`.",
    fires: {
      given: [member("owa", "exch01", "up", "1x3 0x20"), member("owa", "exch02", "up", "0x30")],
      labels: { instance: LB01, protocol: "owa" },
    },
    silent: { because: "one member is drained", given: [member("owa", "exch01", "up", "1x30"), member("owa", "exch02", "up", "0x30")] },
  },
  {
    name: "ExchangeBalancerGone",
    expr: `${own("up")} == 0`,
    for: "20s",
    severity: "critical",
    summary:
      "{{ $labels.instance }} does not answer: the host, its network or its HAProxy is gone. The other balancer serves alone. Log in and run `exchange-balancer status`, or start the host.",
    fires: { given: [sample("up", LB02, "", "1x3 0x20")], labels: { instance: LB02 } },
    silent: { because: "a single scrape failed", given: [sample("up", LB02, "", "1x3 0 1x20")] },
  },
  {
    name: "ExchangeMemberDown",
    expr: DOWN_EVERYWHERE,
    for: "20s",
    severity: "warning",
    summary:
      "{{ $labels.member }} is down for every protocol, seen from {{ $labels.instance }}. Look whether the server runs and whether ports 443 and 25 answer. If it is being patched, drain it: `exchange-balancer drain {{ $labels.member }}`.",
    fires: {
      given: [member("owa", "exch02", "down", "0x3 1x20"), member("smtp", "exch02", "down", "0x3 1x20")],
      labels: { instance: LB01, member: "exch02" },
    },
    silent: {
      because: "it is drained and reboots",
      given: [
        member("owa", "exch02", "down", "0x30"),
        member("owa", "exch02", "draining", "1x30"),
        sample("exchange_balancer_member_check_failed", LB01, 'protocol="owa",member="exch02",reason="L4CON"', "1x30"),
      ],
    },
  },
  {
    name: "ExchangeMemberIll",
    expr: `${own("exchange_balancer_member_state", 'state="down"')} == 1 unless on (job, instance, member) (${DOWN_EVERYWHERE})`,
    for: "20s",
    severity: "warning",
    summary:
      "{{ $labels.member }} is down only for {{ $labels.protocol }}, seen from {{ $labels.instance }}. Run `exchange-balancer status` for the reason; for a virtual directory, look at its health page and at its application pool on that server.",
    fires: {
      given: [member("owa", "exch02", "down", "0x3 1x20"), member("smtp", "exch02", "down", "0x30")],
      labels: { instance: LB01, member: "exch02", protocol: "owa", state: "down" },
    },
    silent: { because: "the whole member is down, which is another alert", given: [member("owa", "exch02", "down", "1x30"), member("smtp", "exch02", "down", "1x30")] },
  },
  {
    name: "ExchangeBalancerNoStandby",
    expr:
      `max by (job, instance, vrrp_instance) (${own("exchange_balancer_vrrp_state", 'state=~"fault|stopped"')}) == 1` +
      ` and on (job) (sum by (job) (${own("exchange_balancer_virtual_address_held")}) > 0)`,
    for: "20s",
    severity: "warning",
    summary:
      "{{ $labels.instance }} cannot take the address: keepalived has stopped there, or is in FAULT. Run `exchange-balancer status` there. After a handover: `exchange-balancer takeback`.",
    fires: {
      given: [held(LB01, "1x30"), vrrp(LB02, "fault", "0x3 1x20"), vrrp(LB02, "stopped", "0x30")],
      labels: { instance: LB02, vrrp_instance: "EMAIL_VIP1" },
    },
    silent: { because: "haproxy restarts", given: [held(LB01, "1x30"), vrrp(LB02, "fault", "0x3 1 0x20"), vrrp(LB02, "stopped", "0x30")] },
  },
  {
    name: "ExchangeAddressFlaps",
    expr: `increase(${own("exchange_balancer_vrrp_transitions_total")}[10m]) > 6`,
    for: "0s",
    severity: "warning",
    summary:
      "The address moves again and again, seen by {{ $labels.instance }}. `journalctl -u keepalived -u haproxy` says what fails each time. Until you know that, keep the address on one node: stop keepalived on the other.",
    fires: {
      given: [sample("exchange_balancer_vrrp_transitions_total", LB01, 'vrrp_instance="EMAIL_VIP1"', "0x3 2x3 4x3 6x3 8x20")],
      labels: { instance: LB01, vrrp_instance: "EMAIL_VIP1" },
      at: "5m",
    },
    silent: {
      because: "a roll-out moves it there and back",
      given: [sample("exchange_balancer_vrrp_transitions_total", LB01, 'vrrp_instance="EMAIL_VIP1"', "0x3 1x6 2x6 4x20")],
      at: "5m",
    },
  },
  {
    name: "ExchangeCertificateExpires",
    expr: `${EXPIRES_IN} < ${21 * DAY} and ${EXPIRES_IN} >= ${3 * DAY}`,
    for: "10s",
    severity: "warning",
    summary:
      "The certificate of {{ $labels.presenter }} for {{ $labels.name }} ends within 21 days. Request its successor: `npx cdktf-exchange-balancer cert`; docs/certificates.md has the order in which members and balancers get it.",
    fires: {
      given: [sample("exchange_balancer_certificate_expiry_timestamp_seconds", LB01, 'presenter="balancer",name="mail"', `${20 * DAY}x30`)],
      labels: { instance: LB01, presenter: "balancer", name: "mail" },
    },
    silent: {
      because: "it is valid for 60 days",
      given: [sample("exchange_balancer_certificate_expiry_timestamp_seconds", LB01, 'presenter="balancer",name="mail"', `${60 * DAY}x30`)],
    },
  },
  {
    name: "ExchangeCertificateExpiresSoon",
    expr: `${EXPIRES_IN} < ${3 * DAY}`,
    for: "10s",
    severity: "critical",
    summary:
      "The certificate of {{ $labels.presenter }} for {{ $labels.name }} ends within 3 days, or has ended. Renew it today on the members and the balancers: docs/certificates.md.",
    fires: {
      given: [sample("exchange_balancer_certificate_expiry_timestamp_seconds", LB01, 'presenter="exch01",name="mail"', `${2 * DAY}x30`)],
      labels: { instance: LB01, presenter: "exch01", name: "mail" },
    },
    silent: {
      because: "10 days are left, which is another alert",
      given: [sample("exchange_balancer_certificate_expiry_timestamp_seconds", LB01, 'presenter="exch01",name="mail"', `${10 * DAY}x30`)],
    },
  },
  {
    name: "ExchangeCertificateDiffers",
    expr: `${own("exchange_balancer_certificate_matches", 'state="ready"')} == 0`,
    for: "10s",
    severity: "critical",
    summary:
      "{{ $labels.member }} presents another certificate than the balancer for {{ $labels.name }}: with Extended Protection users are asked for their password forever. Import the balancers' certificate on that member, or drain it.",
    fires: {
      given: [sample("exchange_balancer_certificate_matches", LB01, 'member="exch02",name="mail",state="ready"', "1x3 0x20")],
      labels: { instance: LB01, member: "exch02", name: "mail", state: "ready" },
    },
    silent: {
      because: "the member is drained while its certificate is renewed",
      given: [sample("exchange_balancer_certificate_matches", LB01, 'member="exch02",name="mail",state="drained"', "0x30")],
    },
  },
  {
    name: "ExchangeCertificateUntrusted",
    expr:
      `${own("exchange_balancer_certificate_verifies", 'state="ready"')} == 0` +
      ` unless on (job, instance, member, name) (${own("exchange_balancer_certificate_matches", 'state="ready"')} == 0)`,
    for: "10s",
    severity: "warning",
    summary:
      "{{ $labels.instance }} does not trust the certificate of {{ $labels.member }} for {{ $labels.name }}. `certificate-check` on the balancer says why; a CA that is missing belongs into rootCas.",
    fires: {
      given: [
        sample("exchange_balancer_certificate_verifies", LB01, 'member="exch02",name="mail",state="ready"', "1x3 0x20"),
        sample("exchange_balancer_certificate_matches", LB01, 'member="exch02",name="mail",state="ready"', "1x30"),
      ],
      labels: { instance: LB01, member: "exch02", name: "mail", state: "ready" },
    },
    silent: {
      because: "it is another certificate, which is another alert",
      given: [
        sample("exchange_balancer_certificate_verifies", LB01, 'member="exch02",name="mail",state="ready"', "0x30"),
        sample("exchange_balancer_certificate_matches", LB01, 'member="exch02",name="mail",state="ready"', "0x30"),
      ],
    },
  },
  {
    name: "ExchangeSessionLimit",
    expr: `${FRONT_SHARE} > 0.9`,
    for: "20s",
    severity: "critical",
    summary:
      "{{ $labels.proxy }} on {{ $labels.instance }} is at its session limit: further clients wait. The status page shows who holds sessions; raise maxconn, or set limits for single clients.",
    fires: {
      given: [
        sample("haproxy_frontend_current_sessions", LB01, 'proxy="fe_exch2019_smtp"', "10x3 100x20"),
        sample("haproxy_frontend_limit_sessions", LB01, 'proxy="fe_exch2019_smtp"', "100x30"),
      ],
      labels: { instance: LB01, proxy: "fe_exch2019_smtp" },
    },
    silent: {
      because: "thousands of long polls are normal",
      given: [
        sample("haproxy_frontend_current_sessions", LB01, 'proxy="fe_exch2019"', "3200x30"),
        sample("haproxy_frontend_limit_sessions", LB01, 'proxy="fe_exch2019"', "4000x30"),
      ],
    },
  },
  {
    name: "ExchangeConnectionLimit",
    expr:
      `${haproxy("haproxy_process_current_connections")} / ${haproxy("haproxy_process_max_connections")} > 0.9` +
      ` unless on (job, instance) (${FRONT_SHARE} > 0.9)`,
    for: "20s",
    severity: "critical",
    summary: "{{ $labels.instance }} is at maxconn with all protocols together. Raise maxconn; a connection with TLS on both sides needs about 50 kB of memory.",
    fires: {
      given: [
        sample("haproxy_process_current_connections", LB01, "", "100x3 3900x20"),
        sample("haproxy_process_max_connections", LB01, "", "4000x30"),
        sample("haproxy_frontend_current_sessions", LB01, 'proxy="fe_exch2019_smtp"', "1900x30"),
        sample("haproxy_frontend_limit_sessions", LB01, 'proxy="fe_exch2019_smtp"', "4000x30"),
      ],
      labels: { instance: LB01 },
    },
    silent: {
      because: "one frontend is at its limit, which is another alert",
      given: [
        sample("haproxy_process_current_connections", LB01, "", "4000x30"),
        sample("haproxy_process_max_connections", LB01, "", "4020x30"),
        sample("haproxy_frontend_current_sessions", LB01, 'proxy="fe_exch2019_smtp"', "4000x30"),
        sample("haproxy_frontend_limit_sessions", LB01, 'proxy="fe_exch2019_smtp"', "4000x30"),
      ],
    },
  },
  {
    name: "ExchangeServerErrors",
    expr:
      `sum by (job, instance, proxy) (rate(${haproxy("haproxy_backend_http_responses_total", 'code="5xx"')}[5m]))` +
      ` / sum by (job, instance, proxy) (rate(${haproxy("haproxy_backend_http_responses_total")}[5m])) > 0.2` +
      ` and sum by (job, instance, proxy) (rate(${haproxy("haproxy_backend_http_responses_total")}[5m])) > 0.1`,
    for: "5m",
    severity: "warning",
    summary:
      "More than a fifth of the answers of {{ $labels.proxy }} on {{ $labels.instance }} are errors of the servers. The log's member= says which server sends them; look at its event log.",
    fires: {
      given: [
        sample("haproxy_backend_http_responses_total", LB01, 'proxy="be_exch2019_owa",code="5xx"', "0+30x90"),
        sample("haproxy_backend_http_responses_total", LB01, 'proxy="be_exch2019_owa",code="2xx"', "0+50x90"),
      ],
      labels: { instance: LB01, proxy: "be_exch2019_owa" },
      at: "14m",
    },
    silent: {
      because: "NTLM's handshakes are 401 twice for each 200",
      given: [
        sample("haproxy_backend_http_responses_total", LB01, 'proxy="be_exch2019_mapi",code="5xx"', "0+1x90"),
        sample("haproxy_backend_http_responses_total", LB01, 'proxy="be_exch2019_mapi",code="4xx"', "0+100x90"),
        sample("haproxy_backend_http_responses_total", LB01, 'proxy="be_exch2019_mapi",code="2xx"', "0+50x90"),
      ],
      at: "14m",
    },
  },
  {
    name: "ExchangeBalancerReloadLoop",
    expr: `changes(${haproxy("haproxy_process_start_time_seconds")}[5m]) > 3`,
    for: "0s",
    severity: "warning",
    summary:
      "HAProxy on {{ $labels.instance }} was reloaded or restarted four times within 5 minutes. `journalctl -u haproxy` says by whom, or why it ends. Each reload leaves an old process behind.",
    fires: {
      given: [sample("haproxy_process_start_time_seconds", LB01, "", "100 110 120 130 140 150 160 170 180 190 190x20")],
      labels: { instance: LB01 },
      at: "2m",
    },
    silent: { because: "a deploy reloads it, and a second one", given: [sample("haproxy_process_start_time_seconds", LB01, "", "100x5 150x8 230x20")] },
  },
  {
    name: "ExchangeBalancerDrift",
    expr: `${own("exchange_balancer_drifted_files")} > 0`,
    for: "15s",
    severity: "warning",
    summary:
      "Somebody edited files on {{ $labels.instance }} since the last deploy. `exchange-balancer status` there names them: bring the change into the stack, then deploy with another redeliver.",
    fires: { given: [sample("exchange_balancer_drifted_files", LB01, "", "0x3 1x20")], labels: { instance: LB01 } },
    silent: { because: "nothing was edited", given: [sample("exchange_balancer_drifted_files", LB01, "", "0x30")] },
  },
  {
    name: "ExchangeFirewallRefuses",
    expr: `${own("exchange_balancer_firewall_openings_refused")} > 0`,
    for: "1m",
    severity: "warning",
    summary:
      "The firewall of {{ $labels.instance }} lacks openings that the deploy made. Compare `firewall-cmd --list-all` with the open lines of /var/lib/cdktf-exchange-balancer/manifest, then deploy with another redeliver.",
    fires: { given: [sample("exchange_balancer_firewall_openings_refused", LB01, "", "0x3 2x20")], labels: { instance: LB01 } },
    silent: { because: "firewalld restarts", given: [sample("exchange_balancer_firewall_openings_refused", LB01, "", "0x3 7x4 0x20")] },
  },
  {
    name: "ExchangeBalancerBlind",
    expr:
      `time() - ${own("exchange_balancer_collected_timestamp_seconds")} > 60` +
      ` or (${own("up")} == 1 unless on (job, instance) ${own("exchange_balancer_collected_timestamp_seconds")})`,
    for: "30s",
    severity: "warning",
    summary:
      "{{ $labels.instance }} no longer reports VRRP, certificates and drift: `systemctl restart exchange-balancer-metrics` there, and `journalctl -u exchange-balancer-metrics` for the reason.",
    fires: { given: [sample("up", LB01, "", "1x30")], labels: { instance: LB01 } },
    silent: {
      because: "it is 10 s behind",
      given: [sample("up", LB01, "", "1x30"), sample("exchange_balancer_collected_timestamp_seconds", LB01, "", "0+10x30")],
    },
  },
];
