import { KeepalivedModel } from "./model";

/** The text of keepalived.conf, free of secrets: the password comes from an included file. */
export function renderKeepalivedConf(model: KeepalivedModel): string {
  return `# Written by cdktf-exchange-balancer; the next deploy that changes this host replaces it.

global_defs {
    enable_script_security
    script_user haproxy
}

vrrp_script haproxy_check {
    script "${model.check.script} ${model.check.port}"
    interval ${model.check.interval}
    timeout ${model.check.timeout}
}

vrrp_instance ${model.instanceName} {
    state ${model.state}
    interface ${model.interface}
    virtual_router_id ${model.virtualRouterId}
    priority ${model.priority}
    advert_int ${model.advertInt}
    authentication {
        auth_type PASS
        include ${model.authFile}
    }
    virtual_ipaddress {
${model.virtualAddresses.map((address) => `        ${address}\n`).join("")}    }
    track_script {
        haproxy_check
    }
}
`;
}

/** The included file that holds the VRRP password and nothing else. */
export function renderAuthFile(password: string): string {
  return `auth_pass ${password}\n`;
}
