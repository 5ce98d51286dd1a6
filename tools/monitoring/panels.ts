import { BytesPerSecondSI, DurationSeconds, PercentUnit, RequestsPerSecond, Seconds, Short, DateTimeFromNow } from "@grafana/grafana-foundation-sdk/units";

export type PanelKind = "timeseries" | "stat" | "statetimeline";

export interface PanelPlan {
  readonly title: string;
  readonly description: string;
  readonly kind: PanelKind;
  readonly unit: string;
  readonly targets: readonly { readonly expr: string; readonly legend: string }[];
  /** What numbers mean, in a panel of states. */
  readonly values?: Readonly<Record<string, { readonly text: string; readonly color: string }>>;
  readonly max?: number;
  /** Of 24 columns. */
  readonly width?: number;
}

export interface RowPlan {
  readonly title: string;
  readonly panels: readonly PanelPlan[];
}

const own = (name: string, labels = ""): string => `${name}{job=~"$job",instance=~"$instance"${labels}}`;
const rate = (name: string, labels = ""): string => `rate(${own(name, labels)}[$__rate_interval])`;
const FRONTS = ',proxy=~"fe_exch2019.*"';
const BACKENDS = ',proxy=~"be_exch2019.*"';

const YES_NO = { 0: { text: "no", color: "text" }, 1: { text: "yes", color: "green" } };

export const ROWS: readonly RowPlan[] = [
  {
    title: "Now",
    panels: [
      {
        title: "Virtual address held", kind: "statetimeline", unit: Short, width: 12, values: YES_NO,
        description: "Which balancer's interface has the virtual address. Exactly one line should say yes.",
        targets: [{ expr: own("exchange_balancer_virtual_address_held"), legend: "{{instance}} {{address}}" }],
      },
      {
        title: "Protocols that a member is down for", kind: "statetimeline", unit: Short, width: 12,
        values: { 0: { text: "up", color: "green" }, 1: { text: "down", color: "red" } },
        description: "A member is down for a protocol when its checks fail and nobody drained it.",
        targets: [{ expr: `max by (member, protocol) (${own("exchange_balancer_member_state", ',state="down"')})`, legend: "{{member}} {{protocol}}" }],
      },
      {
        title: "First certificate to expire", kind: "stat", unit: DurationSeconds, width: 6,
        description: "Time until the first certificate of a balancer or a member ends.",
        targets: [{ expr: `min(${own("exchange_balancer_certificate_expiry_timestamp_seconds")}) - time()`, legend: "remaining" }],
      },
      {
        title: "Last deploy", kind: "stat", unit: DateTimeFromNow, width: 6,
        description: "When a deploy last changed the balancer.",
        targets: [{ expr: `${own("exchange_balancer_deploy_timestamp_seconds")} * 1000`, legend: "{{instance}}" }],
      },
      {
        title: "Edited files", kind: "stat", unit: Short, width: 6,
        description: "Files that differ from what was deployed (drift).",
        targets: [{ expr: own("exchange_balancer_drifted_files"), legend: "{{instance}}" }],
      },
      {
        title: "Refused firewall openings", kind: "stat", unit: Short, width: 6,
        description: "Openings of the deploy that the host's firewall does not let in.",
        targets: [{ expr: own("exchange_balancer_firewall_openings_refused"), legend: "{{instance}}" }],
      },
    ],
  },
  {
    title: "Traffic by protocol",
    panels: [
      {
        title: "Requests by directory", kind: "timeseries", unit: RequestsPerSecond, width: 12,
        description: "HTTP answers a second by virtual directory. Empty in TCP mode, where no request is read.",
        targets: [{ expr: `sum by (proxy) (${rate("haproxy_backend_http_responses_total", BACKENDS)})`, legend: "{{proxy}}" }],
      },
      {
        title: "New sessions by protocol", kind: "timeseries", unit: "cps", width: 12,
        description: "Connections a second on each frontend: HTTPS, SMTP, IMAP, POP3.",
        targets: [{ expr: `sum by (proxy) (${rate("haproxy_frontend_sessions_total", FRONTS)})`, legend: "{{proxy}}" }],
      },
      {
        title: "Bytes to clients", kind: "timeseries", unit: BytesPerSecondSI, width: 12,
        description: "What the frontends send to clients.",
        targets: [{ expr: `sum by (proxy) (${rate("haproxy_frontend_bytes_out_total", FRONTS)})`, legend: "{{proxy}}" }],
      },
      {
        title: "Bytes from clients", kind: "timeseries", unit: BytesPerSecondSI, width: 12,
        description: "What clients send to the frontends.",
        targets: [{ expr: `sum by (proxy) (${rate("haproxy_frontend_bytes_in_total", FRONTS)})`, legend: "{{proxy}}" }],
      },
    ],
  },
  {
    title: "Errors",
    panels: [
      {
        title: "Answers by status", kind: "timeseries", unit: RequestsPerSecond, width: 8,
        description: "By the first digit of the status. Many 4xx are normal: each NTLM login is two 401 before its 200.",
        targets: [{ expr: `sum by (code) (${rate("haproxy_frontend_http_responses_total", FRONTS)})`, legend: "{{code}}" }],
      },
      {
        title: "Refused requests", kind: "timeseries", unit: RequestsPerSecond, width: 8,
        description: "What path rules and allow lists refuse. The log's rule= says which rule it was.",
        targets: [{ expr: `sum by (proxy) (${rate("haproxy_frontend_requests_denied_total", FRONTS)})`, legend: "{{proxy}}" }],
      },
      {
        title: "Failed connections to members", kind: "timeseries", unit: "cps", width: 8,
        description: "Connections that a member did not take, and answers that broke off.",
        targets: [
          { expr: `sum by (server) (${rate("haproxy_server_connection_errors_total", BACKENDS)})`, legend: "{{server}} connection" },
          { expr: `sum by (server) (${rate("haproxy_server_response_errors_total", BACKENDS)})`, legend: "{{server}} response" },
        ],
      },
    ],
  },
  {
    title: "Latency by protocol",
    panels: [
      {
        title: "Time to connect", kind: "timeseries", unit: Seconds, width: 12,
        description: "Average of the last 1024 connections to members, TLS handshake included.",
        targets: [{ expr: `max by (proxy) (${own("haproxy_backend_connect_time_average_seconds", BACKENDS)})`, legend: "{{proxy}}" }],
      },
      {
        title: "Time to the first byte", kind: "timeseries", unit: Seconds, width: 12,
        description: "Average of the last 1024 answers. Minutes are normal for mapi, eas and ews: their long polls wait for mail.",
        targets: [{ expr: `max by (proxy) (${own("haproxy_backend_response_time_average_seconds", BACKENDS)})`, legend: "{{proxy}}" }],
      },
    ],
  },
  {
    title: "Members",
    panels: [
      {
        title: "Member states", kind: "statetimeline", unit: Short, width: 12,
        values: { 0: { text: "up", color: "green" }, 1: { text: "draining", color: "blue" }, 2: { text: "maintenance", color: "purple" }, 3: { text: "down", color: "red" } },
        description: "By protocol, the worst that a balancer sees.",
        targets: [
          {
            expr:
              `max by (member, protocol) (${own("exchange_balancer_member_state", ',state="draining"')}` +
              ` or ${own("exchange_balancer_member_state", ',state="maintenance"')} * 2 or ${own("exchange_balancer_member_state", ',state="down"')} * 3)`,
            legend: "{{member}} {{protocol}}",
          },
        ],
      },
      {
        title: "Sessions by member", kind: "timeseries", unit: Short, width: 12,
        description: "Open sessions that the balancers have with each member.",
        targets: [{ expr: `sum by (server) (${own("haproxy_server_current_sessions", BACKENDS)})`, legend: "{{server}}" }],
      },
      {
        title: "Failed checks", kind: "timeseries", unit: Short, width: 24,
        description: "1 while the last check failed, with HAProxy's word for the reason: L4CON refused, L4TOUT no answer, L6RSP TLS, L7STS the page's status.",
        targets: [{ expr: `max by (member, protocol, reason) (${own("exchange_balancer_member_check_failed")})`, legend: "{{member}} {{protocol}} {{reason}}" }],
      },
    ],
  },
  {
    title: "Failovers",
    panels: [
      {
        title: "VRRP master", kind: "statetimeline", unit: Short, width: 8, values: YES_NO,
        description: "Which keepalived believes that it is master. It should agree with who holds the address.",
        targets: [{ expr: own("exchange_balancer_vrrp_state", ',state="master"'), legend: "{{instance}} {{vrrp_instance}}" }],
      },
      {
        title: "VRRP priority", kind: "timeseries", unit: Short, width: 8,
        description: "What each balancer bids with; it sinks where checks fail.",
        targets: [{ expr: own("exchange_balancer_vrrp_priority"), legend: "{{instance}} {{vrrp_instance}}" }],
      },
      {
        title: "VRRP transitions", kind: "timeseries", unit: Short, width: 8,
        description: "Changes of state in the interval.",
        targets: [{ expr: `increase(${own("exchange_balancer_vrrp_transitions_total")}[$__rate_interval])`, legend: "{{instance}} {{vrrp_instance}}" }],
      },
    ],
  },
  {
    title: "Certificates",
    panels: [
      {
        title: "Time until expiry", kind: "timeseries", unit: DurationSeconds, width: 12,
        description: "By who presents the certificate and the name that was asked for.",
        targets: [{ expr: `min by (presenter, name) (${own("exchange_balancer_certificate_expiry_timestamp_seconds")}) - time()`, legend: "{{presenter}} {{name}}" }],
      },
      {
        title: "Member presents the balancer's certificate", kind: "statetimeline", unit: Short, width: 12,
        values: { 0: { text: "differs", color: "red" }, 1: { text: "same", color: "green" } },
        description: "With Extended Protection a different one is an endless password prompt.",
        targets: [{ expr: `min by (member, name) (${own("exchange_balancer_certificate_matches")})`, legend: "{{member}} {{name}}" }],
      },
    ],
  },
  {
    title: "Limits",
    panels: [
      {
        title: "Session limit used", kind: "timeseries", unit: PercentUnit, width: 8, max: 1,
        description: "Open sessions of each frontend, as a share of what it takes at most.",
        targets: [
          { expr: `max by (proxy) (${own("haproxy_frontend_current_sessions", FRONTS)} / ${own("haproxy_frontend_limit_sessions", FRONTS)})`, legend: "{{proxy}}" },
        ],
      },
      {
        title: "Connection limit used", kind: "timeseries", unit: PercentUnit, width: 8, max: 1,
        description: "All connections of the process, as a share of maxconn.",
        targets: [{ expr: `${own("haproxy_process_current_connections")} / ${own("haproxy_process_max_connections")}`, legend: "{{instance}}" }],
      },
      {
        title: "HAProxy's idle time", kind: "timeseries", unit: "percent", width: 8, max: 100,
        description: "How much of its time HAProxy waits. Near 0 it is the bottleneck.",
        targets: [{ expr: own("haproxy_process_idle_time_percent"), legend: "{{instance}}" }],
      },
    ],
  },
];
