import { BytesPerSecondSI, DurationSeconds, PercentUnit, RequestsPerSecond, Seconds, Short, DateTimeFromNow } from "@grafana/grafana-foundation-sdk/units";

export type PanelKind = "timeseries" | "stat" | "statetimeline";

export interface PanelPlan {
  readonly title: string;
  readonly description: string;
  readonly kind: PanelKind;
  readonly unit: string;
  readonly targets: readonly { readonly expr: string; readonly legend: string }[];
  /** The text and colour for each value, in a panel that shows states. */
  readonly values?: Readonly<Record<string, { readonly text: string; readonly color: string }>>;
  readonly max?: number;
  /** The panel's width; the dashboard has 24 columns. */
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
        description: "Whether each balancer holds the virtual address. For each address, exactly one balancer should show yes.",
        targets: [{ expr: own("exchange_balancer_virtual_address_held"), legend: "{{instance}} {{address}}" }],
      },
      {
        title: "Protocols that a member is down for", kind: "statetimeline", unit: Short, width: 12,
        values: { 0: { text: "up", color: "green" }, 1: { text: "down", color: "red" } },
        description: "A member is down for a protocol if its health checks fail, and it is neither drained nor in maintenance.",
        targets: [{ expr: `max by (member, protocol) (${own("exchange_balancer_member_state", ',state="down"')})`, legend: "{{member}} {{protocol}}" }],
      },
      {
        title: "First certificate to expire", kind: "stat", unit: DurationSeconds, width: 6,
        description: "Time until the first certificate of a balancer or a member expires.",
        targets: [{ expr: `min(${own("exchange_balancer_certificate_expiry_timestamp_seconds")}) - time()`, legend: "remaining" }],
      },
      {
        title: "Last deploy", kind: "stat", unit: DateTimeFromNow, width: 6,
        description: "The time of the last deploy that changed something on the balancer.",
        targets: [{ expr: `${own("exchange_balancer_deploy_timestamp_seconds")} * 1000`, legend: "{{instance}}" }],
      },
      {
        title: "Edited files", kind: "stat", unit: Short, width: 6,
        description: "Files that differ from what was deployed (drift).",
        targets: [{ expr: own("exchange_balancer_drifted_files"), legend: "{{instance}}" }],
      },
      {
        title: "Refused firewall openings", kind: "stat", unit: Short, width: 6,
        description: "Ports that a deploy opened, but that the host's firewall does not admit now.",
        targets: [{ expr: own("exchange_balancer_firewall_openings_refused"), legend: "{{instance}}" }],
      },
    ],
  },
  {
    title: "Traffic by protocol",
    panels: [
      {
        title: "Requests by directory", kind: "timeseries", unit: RequestsPerSecond, width: 12,
        description: "HTTP responses per second for each virtual directory. Empty in TCP mode, because HAProxy does not read requests there.",
        targets: [{ expr: `sum by (proxy) (${rate("haproxy_backend_http_responses_total", BACKENDS)})`, legend: "{{proxy}}" }],
      },
      {
        title: "New sessions by protocol", kind: "timeseries", unit: "cps", width: 12,
        description: "New connections per second on each frontend: HTTPS, SMTP, IMAP, POP3.",
        targets: [{ expr: `sum by (proxy) (${rate("haproxy_frontend_sessions_total", FRONTS)})`, legend: "{{proxy}}" }],
      },
      {
        title: "Bytes to clients", kind: "timeseries", unit: BytesPerSecondSI, width: 12,
        description: "Bytes per second that each frontend sends to clients.",
        targets: [{ expr: `sum by (proxy) (${rate("haproxy_frontend_bytes_out_total", FRONTS)})`, legend: "{{proxy}}" }],
      },
      {
        title: "Bytes from clients", kind: "timeseries", unit: BytesPerSecondSI, width: 12,
        description: "Bytes per second that clients send to each frontend.",
        targets: [{ expr: `sum by (proxy) (${rate("haproxy_frontend_bytes_in_total", FRONTS)})`, legend: "{{proxy}}" }],
      },
    ],
  },
  {
    title: "Errors",
    panels: [
      {
        title: "Answers by status", kind: "timeseries", unit: RequestsPerSecond, width: 8,
        description: "HTTP responses per second by the first digit of the status. Many 4xx are normal: an NTLM login gets 401 twice before its 200.",
        targets: [{ expr: `sum by (code) (${rate("haproxy_frontend_http_responses_total", FRONTS)})`, legend: "{{code}}" }],
      },
      {
        title: "Refused requests", kind: "timeseries", unit: RequestsPerSecond, width: 8,
        description: "Requests per second that path rules and allow lists refuse. In HAProxy's log, the field rule= names the rule.",
        targets: [{ expr: `sum by (proxy) (${rate("haproxy_frontend_requests_denied_total", FRONTS)})`, legend: "{{proxy}}" }],
      },
      {
        title: "Failed connections to members", kind: "timeseries", unit: "cps", width: 8,
        description: "Connections that a member did not accept, and responses that broke off.",
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
        description: "Average time of the last 1024 connections to members, including the TLS handshake.",
        targets: [{ expr: `max by (proxy) (${own("haproxy_backend_connect_time_average_seconds", BACKENDS)})`, legend: "{{proxy}}" }],
      },
      {
        title: "Time to the first byte", kind: "timeseries", unit: Seconds, width: 12,
        description: "Average time of the last 1024 responses. Minutes are normal for mapi, eas and ews: their long polls wait for mail.",
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
        description: "The state of each member for each protocol. If the balancers see different states, the panel shows the worst.",
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
        description: "1 if the last health check failed, with HAProxy's code for the reason: L4CON (connection refused), L4TOUT (no answer), L6RSP (TLS failed), L7STS (wrong status of the health page).",
        targets: [{ expr: `max by (member, protocol, reason) (${own("exchange_balancer_member_check_failed")})`, legend: "{{member}} {{protocol}} {{reason}}" }],
      },
    ],
  },
  {
    title: "Failovers",
    panels: [
      {
        title: "VRRP master", kind: "statetimeline", unit: Short, width: 8, values: YES_NO,
        description: "Whether keepalived is in state MASTER on each balancer. The master should be the balancer that holds the address.",
        targets: [{ expr: own("exchange_balancer_vrrp_state", ',state="master"'), legend: "{{instance}} {{vrrp_instance}}" }],
      },
      {
        title: "VRRP priority", kind: "timeseries", unit: Short, width: 8,
        description: "The current VRRP priority of each balancer. A failed check lowers it.",
        targets: [{ expr: own("exchange_balancer_vrrp_priority"), legend: "{{instance}} {{vrrp_instance}}" }],
      },
      {
        title: "VRRP transitions", kind: "timeseries", unit: Short, width: 8,
        description: "Changes of keepalived's VRRP state in each interval.",
        targets: [{ expr: `increase(${own("exchange_balancer_vrrp_transitions_total")}[$__rate_interval])`, legend: "{{instance}} {{vrrp_instance}}" }],
      },
    ],
  },
  {
    title: "Certificates",
    panels: [
      {
        title: "Time until expiry", kind: "timeseries", unit: DurationSeconds, width: 12,
        description: "Time until each certificate expires, by the server that presents it and by the name that was asked for.",
        targets: [{ expr: `min by (presenter, name) (${own("exchange_balancer_certificate_expiry_timestamp_seconds")}) - time()`, legend: "{{presenter}} {{name}}" }],
      },
      {
        title: "Member presents the balancer's certificate", kind: "statetimeline", unit: Short, width: 12,
        values: { 0: { text: "differs", color: "red" }, 1: { text: "same", color: "green" } },
        description: "If the certificates differ, users with Extended Protection are asked for their password again and again.",
        targets: [{ expr: `min by (member, name) (${own("exchange_balancer_certificate_matches")})`, legend: "{{member}} {{name}}" }],
      },
    ],
  },
  {
    title: "Limits",
    panels: [
      {
        title: "Session limit used", kind: "timeseries", unit: PercentUnit, width: 8, max: 1,
        description: "Open sessions of each frontend, as a share of the frontend's session limit.",
        targets: [
          { expr: `max by (proxy) (${own("haproxy_frontend_current_sessions", FRONTS)} / ${own("haproxy_frontend_limit_sessions", FRONTS)})`, legend: "{{proxy}}" },
        ],
      },
      {
        title: "Connection limit used", kind: "timeseries", unit: PercentUnit, width: 8, max: 1,
        description: "All connections of the HAProxy process, as a share of maxconn.",
        targets: [{ expr: `${own("haproxy_process_current_connections")} / ${own("haproxy_process_max_connections")}`, legend: "{{instance}}" }],
      },
      {
        title: "HAProxy's idle time", kind: "timeseries", unit: "percent", width: 8, max: 100,
        description: "Share of time in which HAProxy is idle. Near 0, HAProxy is the bottleneck.",
        targets: [{ expr: own("haproxy_process_idle_time_percent"), legend: "{{instance}}" }],
      },
    ],
  },
];
