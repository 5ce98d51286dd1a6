/** The model of a balancer's metrics port. Addresses may contain Terraform tokens. */
export interface MonitoringModel {
  /** The host's own address. The virtual address does not serve metrics. */
  readonly address: string;
  readonly port: number;
  /** The port's certificate in HAProxy's notation, such as `crt FILE`; undefined for plain HTTP. */
  readonly certificate?: string;
  /** The file with the addresses that may connect, one on each line. */
  readonly allowFile: string;
  /** Whether a request must carry the password. */
  readonly password: boolean;
  /** Whether people can change the state of members on HAProxy's status page. */
  readonly statusPageWritable: boolean;
}

/** The name of the metrics frontend. haproxy-check.sh ignores this frontend. */
export const METRICS_FRONTEND = "fe_metrics";

/** The maximum number of connections to the metrics port. */
export const METRICS_CONNECTIONS = 20;

/** The path of HAProxy's Lua code for metrics. */
export const METRICS_LUA = "/etc/haproxy/exchange-balancer.lua";

/** The file with the text that a request's Authorization header must have. */
export const PASSWORD_FILE = "/etc/haproxy/monitoring.auth";
