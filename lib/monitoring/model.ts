/** The metrics port of a balancer, with every decision taken. Addresses may hold Terraform tokens. */
export interface MonitoringModel {
  /** The host's own address: nothing listens on the virtual one. */
  readonly address: string;
  readonly port: number;
  /** What the port presents, such as `crt FILE`; none: plain HTTP. */
  readonly certificate?: string;
  /** The file with who may connect, an entry a line. */
  readonly allowFile: string;
  /** Whether a request must carry the password. */
  readonly password: boolean;
  /** Whether HAProxy's own page may change the state of members. */
  readonly statusPageWritable: boolean;
}

/** The frontend of the metrics port. keepalived's check does not count it: see haproxy-check.sh. */
export const METRICS_FRONTEND = "fe_metrics";

/** How many connections the metrics port takes, beside those of mail. */
export const METRICS_CONNECTIONS = 20;

/** Where HAProxy's part of the metrics lies. */
export const METRICS_LUA = "/etc/haproxy/exchange-balancer.lua";

/** Holds what a request's Authorization header must be. */
export const PASSWORD_FILE = "/etc/haproxy/monitoring.auth";
