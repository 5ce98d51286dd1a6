/** A time series for `promtool test rules`: its labels, and its values in promtool's notation, one value every 10 s. */
export interface Sample {
  readonly series: string;
  readonly values: string;
}

/** An alert, with a series that makes it fire, and a series of normal operation that must not make it fire. */
export interface Alert {
  readonly name: string;
  readonly expr: string;
  /** How long the expression must be true before the alert fires, in Prometheus' notation. */
  readonly for: string;
  readonly severity: "critical" | "warning";
  /** What is wrong, and what to do. */
  readonly summary: string;
  readonly fires: { readonly given: readonly Sample[]; readonly labels: Readonly<Record<string, string>>; readonly at?: string };
  readonly silent: { readonly because: string; readonly given: readonly Sample[]; readonly at?: string };
}

/**
 * The job of the metrics that this library collects, in monitoring/prometheus.yml. The rules select only this job and
 * HAPROXY_JOB, so that metrics of another HAProxy never make them fire.
 */
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

/** All alerts. The alerts that are most urgent for an administrator at night come first. */
export const ALERTS: readonly Alert[] = [
  {
    name: "ExchangeAddressNowhere",
    expr: `sum by (job, address) (${own("exchange_balancer_virtual_address_held")}) == 0`,
    for: "20s",
    severity: "critical",
    summary:
      "No balancer holds {{ $labels.address }}, so clients cannot connect. Run `exchange-balancer status` on both balancers, and start the services that are stopped. `journalctl -u keepalived` shows why neither balancer took the address.",
    fires: { given: [held(LB01, "1x3 0x20"), held(LB02, "0x30")], labels: { address: "10.12.8.15" } },
    silent: { because: "the two balancers are scraped at different times during a failover", given: [held(LB01, "1x3 0x20"), held(LB02, "0x4 1x20")] },
  },
  {
    name: "ExchangeAddressTwice",
    expr: `sum by (job, address) (${own("exchange_balancer_virtual_address_held")}) > 1`,
    for: "30s",
    severity: "critical",
    summary:
      "Both balancers hold {{ $labels.address }}. Some clients reach the wrong balancer and get no answer. The balancers do not receive each other's VRRP packets: allow IP protocol 112 between them, then check that the same stack deployed both.",
    fires: { given: [held(LB01, "1x30"), held(LB02, "0x3 1x20")], labels: { address: "10.12.8.15" } },
    silent: { because: "the two balancers are scraped at different times during a failover", given: [held(LB01, "1x6 0x20"), held(LB02, "0x4 1x20")] },
  },
  {
    name: "ExchangeProtocolUnserved",
    expr: `sum by (job, instance, protocol) (${own("exchange_balancer_member_state", 'state=~"up|unchecked"')}) == 0`,
    for: "20s",
    severity: "critical",
    summary:
      "No member serves {{ $labels.protocol }} through {{ $labels.instance }}. Run `exchange-balancer status` there to see the reason for each member. If all members were drained, run `exchange-balancer ready MEMBER`.",
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
      "{{ $labels.instance }} does not answer: the host, its network or its HAProxy is down. Now only the other balancer serves clients. Log in and run `exchange-balancer status`, or start the host.",
    fires: { given: [sample("up", LB02, "", "1x3 0x20")], labels: { instance: LB02 } },
    silent: { because: "a single scrape failed", given: [sample("up", LB02, "", "1x3 0 1x20")] },
  },
  {
    name: "ExchangeMemberDown",
    expr: DOWN_EVERYWHERE,
    for: "20s",
    severity: "warning",
    summary:
      "{{ $labels.member }} is down for every protocol, as seen from {{ $labels.instance }}. Check that the server runs, and that its ports 443 and 25 answer. If the server is being patched, drain it: `exchange-balancer drain {{ $labels.member }}`.",
    fires: {
      given: [member("owa", "exch02", "down", "0x3 1x20"), member("smtp", "exch02", "down", "0x3 1x20")],
      labels: { instance: LB01, member: "exch02" },
    },
    silent: {
      because: "the member is drained and reboots",
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
      "{{ $labels.member }} is down for {{ $labels.protocol }}, but not for every protocol, as seen from {{ $labels.instance }}. Run `exchange-balancer status` there to see the reason. For a virtual directory, check its health page and its application pool on {{ $labels.member }}.",
    fires: {
      given: [member("owa", "exch02", "down", "0x3 1x20"), member("smtp", "exch02", "down", "0x30")],
      labels: { instance: LB01, member: "exch02", protocol: "owa", state: "down" },
    },
    silent: { because: "the whole member is down, and ExchangeMemberDown fires instead", given: [member("owa", "exch02", "down", "1x30"), member("smtp", "exch02", "down", "1x30")] },
  },
  {
    name: "ExchangeBalancerNoStandby",
    expr:
      `max by (job, instance, vrrp_instance) (${own("exchange_balancer_vrrp_state", 'state=~"fault|stopped"')}) == 1` +
      ` and on (job) (sum by (job) (${own("exchange_balancer_virtual_address_held")}) > 0)`,
    for: "20s",
    severity: "warning",
    summary:
      "{{ $labels.instance }} cannot take over the virtual address, because its keepalived is stopped or in state FAULT. Run `exchange-balancer status` there to see the reason. If the reason is a handover, `exchange-balancer takeback` ends it.",
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
      "The virtual address keeps moving between the balancers, as seen from {{ $labels.instance }}. `journalctl -u keepalived -u haproxy` shows what fails each time. Until you know the cause, keep the address on one balancer: stop keepalived on the other balancer.",
    fires: {
      given: [sample("exchange_balancer_vrrp_transitions_total", LB01, 'vrrp_instance="EMAIL_VIP1"', "0x3 2x3 4x3 6x3 8x20")],
      labels: { instance: LB01, vrrp_instance: "EMAIL_VIP1" },
      at: "5m",
    },
    silent: {
      because: "a roll-out moves the address to the other balancer and back",
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
      "The certificate that {{ $labels.presenter }} presents for {{ $labels.name }} expires within 21 days. Request a new one: `npx cdktf-exchange-balancer cert`. docs/certificates.md says in which order to install it on members and balancers.",
    fires: {
      given: [sample("exchange_balancer_certificate_expiry_timestamp_seconds", LB01, 'presenter="balancer",name="mail"', `${20 * DAY}x30`)],
      labels: { instance: LB01, presenter: "balancer", name: "mail" },
    },
    silent: {
      because: "the certificate is valid for 60 days",
      given: [sample("exchange_balancer_certificate_expiry_timestamp_seconds", LB01, 'presenter="balancer",name="mail"', `${60 * DAY}x30`)],
    },
  },
  {
    name: "ExchangeCertificateExpiresSoon",
    expr: `${EXPIRES_IN} < ${3 * DAY}`,
    for: "10s",
    severity: "critical",
    summary:
      "The certificate that {{ $labels.presenter }} presents for {{ $labels.name }} expires within 3 days, or has expired. Renew it today on the members and the balancers: see docs/certificates.md.",
    fires: {
      given: [sample("exchange_balancer_certificate_expiry_timestamp_seconds", LB01, 'presenter="exch01",name="mail"', `${2 * DAY}x30`)],
      labels: { instance: LB01, presenter: "exch01", name: "mail" },
    },
    silent: {
      because: "10 days are left, and ExchangeCertificateExpires fires instead",
      given: [sample("exchange_balancer_certificate_expiry_timestamp_seconds", LB01, 'presenter="exch01",name="mail"', `${10 * DAY}x30`)],
    },
  },
  {
    name: "ExchangeCertificateDiffers",
    expr: `${own("exchange_balancer_certificate_matches", 'state="ready"')} == 0`,
    for: "10s",
    severity: "critical",
    summary:
      "For {{ $labels.name }}, {{ $labels.member }} and the balancer present different certificates. With Extended Protection, users are then asked for their password again and again. Import the balancers' certificate on {{ $labels.member }}, or drain this member.",
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
      "{{ $labels.instance }} does not trust the certificate of {{ $labels.member }} for {{ $labels.name }}. Run `certificate-check` on the balancer to see the reason. If a CA is missing, add it to rootCas.",
    fires: {
      given: [
        sample("exchange_balancer_certificate_verifies", LB01, 'member="exch02",name="mail",state="ready"', "1x3 0x20"),
        sample("exchange_balancer_certificate_matches", LB01, 'member="exch02",name="mail",state="ready"', "1x30"),
      ],
      labels: { instance: LB01, member: "exch02", name: "mail", state: "ready" },
    },
    silent: {
      because: "the certificates differ, and ExchangeCertificateDiffers fires instead",
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
      "{{ $labels.proxy }} on {{ $labels.instance }} uses more than 90 % of its session limit. At the limit, new clients must wait. The status page shows where the sessions are. Raise maxconn, or limit single clients with the prop limits.",
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
    summary: "All protocols together use more than 90 % of maxconn on {{ $labels.instance }}. Raise maxconn. A connection with TLS on both sides needs about 50 kB of memory.",
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
      because: "one frontend is at its limit, and ExchangeSessionLimit fires instead",
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
      "More than a fifth of the responses of {{ $labels.proxy }} on {{ $labels.instance }} are server errors (5xx). In HAProxy's log, the field member= names the server that sends them. Check the event log of this server.",
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
      "HAProxy on {{ $labels.instance }} was reloaded or restarted at least four times within 5 minutes. `journalctl -u haproxy` shows who reloads it, or why it ends. After each reload, an old process runs until its connections end.",
    fires: {
      given: [sample("haproxy_process_start_time_seconds", LB01, "", "100 110 120 130 140 150 160 170 180 190 190x20")],
      labels: { instance: LB01 },
      at: "2m",
    },
    silent: { because: "two deploys reload HAProxy", given: [sample("haproxy_process_start_time_seconds", LB01, "", "100x5 150x8 230x20")] },
  },
  {
    name: "ExchangeBalancerDrift",
    expr: `${own("exchange_balancer_drifted_files")} > 0`,
    for: "15s",
    severity: "warning",
    summary:
      "Somebody edited files on {{ $labels.instance }} since the last deploy. Run `exchange-balancer status` there to see which files. Make the same change in the stack. Then change the text of the prop redeliver, and deploy.",
    fires: { given: [sample("exchange_balancer_drifted_files", LB01, "", "0x3 1x20")], labels: { instance: LB01 } },
    silent: { because: "nothing was edited", given: [sample("exchange_balancer_drifted_files", LB01, "", "0x30")] },
  },
  {
    name: "ExchangeFirewallRefuses",
    expr: `${own("exchange_balancer_firewall_openings_refused")} > 0`,
    for: "1m",
    severity: "warning",
    summary:
      "The firewall of {{ $labels.instance }} lacks openings that the deploy made. Compare `firewall-cmd --list-all` with the lines that begin with `open` in /var/lib/cdktf-exchange-balancer/manifest. Then change the text of the prop redeliver, and deploy.",
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
      "{{ $labels.instance }} no longer reports VRRP, certificates and drift. Run `systemctl restart exchange-balancer-metrics` there. `journalctl -u exchange-balancer-metrics` shows the reason.",
    fires: { given: [sample("up", LB01, "", "1x30")], labels: { instance: LB01 } },
    silent: {
      because: "the metrics are at most 10 s old",
      given: [sample("up", LB01, "", "1x30"), sample("exchange_balancer_collected_timestamp_seconds", LB01, "", "0+10x30")],
    },
  },
];
