import { Failover, HaproxySectionType, MailProtocol } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** The user's own lines in every place of haproxy.cfg and keepalived.conf where they are possible. */
export default {
  dag: { mailProtocols: [MailProtocol.smtp()] },
  balancer: {
    failover: Failover.fast(),
    haproxyLines: {
      globalLines: ["nbthread 2", "ssl-default-bind-ciphers ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384", "log-tag mail"],
      defaultsLines: ["option contstats", "timeout tunnel 1h"],
      frontends: {
        fe_exch2019: [
          "acl from_old_office src 10.9.0.0/16",
          "tcp-request connection reject if { src 10.66.0.0/16 }",
          "http-request set-header X-Site office if from_old_office",
          'http-response set-header X-Served-By "it\'s %[env(HOSTNAME)] {}" if from_old_office',
          "use_backend portal if { hdr(host) -i portal.mydomain.local }",
        ],
        fe_exch2019_smtp: ["tcp-request content set-var(sess.mine) src", "tcp-request connection reject if { src 10.68.0.0/16 }"],
      },
      backends: { be_exch2019_owa: ["errorfile 503 /dev/null", "http-response del-header X-FEServer"], be_exch2019_smtp: ["fullconn 900"] },
      sections: [
        { type: HaproxySectionType.BACKEND, name: "portal", lines: ["server portal 10.12.8.41:8080 check"] },
        { type: HaproxySectionType.LISTEN, name: "local_status", lines: ["bind 127.0.0.1:8081", "stats enable"] },
      ],
    },
    keepalivedLines: {
      globalDefs: ["notification_email {", "oncall@mydomain.local", "}", "notification_email_from lb@mydomain.local", "smtp_server 10.12.8.15", "smtp_connect_timeout 30"],
      instances: ["smtp_alert", "track_interface {", "ens224", "}"],
      sections: ["static_routes {", "10.9.0.0/16 via 10.12.8.1 dev ens192", "}"],
    },
  },
} satisfies Case;
