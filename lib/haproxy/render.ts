import { bridgeBackends, bridgeFrontend } from "./bridge";
import { alsoOnIpv6 } from "./ipv6";
import { mailBackend, mailFrontend } from "./mail";
import { HaproxyModel } from "./model";
import { passThroughBackend, passThroughFrontends } from "./pass-through";
import { section, when } from "./section";
import { HAPROXY_FEATURES } from "./versions";

/** Where rsyslog listens for HAProxy. */
export const SYSLOG_PORT = 514;

/** The text of haproxy.cfg. */
export function renderHaproxyCfg(model: HaproxyModel): string {
  const { https } = model;
  const frontends =
    https.mode === "bridge" ? [bridgeFrontend(https, HAPROXY_FEATURES[model.version])] : passThroughFrontends(https);
  const backends =
    https.mode === "bridge" ? bridgeBackends(https, model.members) : [passThroughBackend(https, model.members)];
  const cfg = [
    "# Written by cdktf-exchange-balancer; the next deploy that changes this host replaces it.\n",
    globalSection(model),
    defaultsSection(model),
    ...frontends,
    ...model.mail.map(mailFrontend),
    ...backends,
    ...model.mail.map((mail) => mailBackend(mail, model.members)),
  ].join("\n");
  return model.ipv6 ? alsoOnIpv6(cfg) : cfg;
}

function globalSection({ version, maxconn, hardStopAfter, healthPort, https }: HaproxyModel): string {
  const bridge = https.mode === "bridge" ? https : undefined;
  return section("global", [
    {
      lines: [
        `log         127.0.0.1:${SYSLOG_PORT} local0`,
        "chroot      /var/lib/haproxy",
        `maxconn     ${maxconn}`,
        "user        haproxy",
        "group       haproxy",
        "daemon",
      ],
    },
    {
      comment: "after a reload the former process finishes what it has open, until then",
      lines: [`hard-stop-after ${hardStopAfter}`],
    },
    {
      comment: "every member is asked within a second of a start, not within a check's interval",
      lines: ["max-spread-checks 1s"],
    },
    { comment: "turn on stats unix socket", lines: ["stats socket /var/lib/haproxy/stats"] },
    {
      comment: "keepalived's check asks here; it answers even when maxconn is reached",
      lines: [`stats socket ipv4@127.0.0.1:${healthPort} level user`],
    },
    {
      comment: "utilize system-wide crypto-policies",
      lines: when(
        bridge?.systemCryptoPolicy === true,
        "ssl-default-bind-ciphers PROFILE=SYSTEM",
        "ssl-default-server-ciphers PROFILE=SYSTEM",
      ),
    },
    {
      comment: "no system-wide crypto policy here: what Exchange 2019 speaks by default",
      lines: when(
        bridge?.systemCryptoPolicy === false,
        "ssl-default-bind-options ssl-min-ver TLSv1.2",
        "ssl-default-server-options ssl-min-ver TLSv1.2",
      ),
    },
    {
      lines: when(
        bridge !== undefined && HAPROXY_FEATURES[version].weakDefaultDhParam,
        "tune.ssl.default-dh-param 2048",
      ),
    },
  ]);
}

function defaultsSection({ https, retries, timeouts }: HaproxyModel): string {
  const common = ["log                     global", "option                  redispatch", `retries                 ${retries}`];
  if (https.mode === "passThrough") {
    return section("defaults", [
      {
        lines: [
          "mode                    tcp",
          ...common,
          "option                  log-health-checks",
          `timeout queue           ${timeouts.queue}`,
          `timeout connect         ${timeouts.connect}`,
          `timeout client          ${timeouts.client}`,
          `timeout server          ${timeouts.server}`,
          `timeout check           ${timeouts.check}`,
        ],
      },
    ]);
  }
  return section("defaults", [
    {
      lines: [
        "mode                    http",
        ...common,
        "option                  httplog",
        "option                  dontlognull",
        `timeout http-request    ${timeouts.httpRequest}`,
        `timeout queue           ${timeouts.queue}`,
        `timeout connect         ${timeouts.connect}`,
        `timeout client          ${timeouts.client}`,
        `timeout server          ${timeouts.server}`,
        `timeout http-keep-alive ${timeouts.httpKeepAlive}`,
        `timeout check           ${timeouts.check}`,
      ],
    },
  ]);
}
