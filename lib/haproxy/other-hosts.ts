import { balanceLines } from "./balance";
import { refusal } from "./log-format";
import { CheckTimingModel, OtherHostModel, ResolversModel } from "./model";
import { Block, section, when } from "./section";
import { checkWords } from "./server";

/**
 * Returns the common end of three names that haproxy.cfg has for another web site: the name of the site's backend, of
 * its allow list's ACL, and of the rule that the log shows if this list refuses a request.
 */
const named = (name: string): string => `other_${name}`;

/**
 * The condition that excludes requests for other web sites from a rule for Exchange. Empty if there are no other web
 * sites.
 */
export function butOthers(others: readonly OtherHostModel[]): string {
  return others.length === 0 ? "" : " !elsewhere";
}

/**
 * With bridging, recognizes requests for other web sites by their Host header. These rules must come after the check of
 * the Host header.
 */
export function otherHostRules(others: readonly OtherHostModel[]): readonly Block[] {
  return others.length === 0
    ? []
    : [
        {
          comment: "find requests for other web sites: the rules for Exchange's paths do not apply to such requests",
          lines: [
            ...others.map(({ name, hostNames }) => `http-request set-var(txn.other) str(${name}) if { req.fhdr(host),field(1,:) -m str -i ${hostNames.join(" ")} }`),
            "acl elsewhere var(txn.other) -m found",
          ],
        },
      ];
}

export function otherHostLists(others: readonly OtherHostModel[]): readonly Block[] {
  return others.flatMap(({ name, allow }) =>
    allow === undefined
      ? []
      : [{ comment: `Acl for ${name}`, lines: [`acl ${allow.acl} src -f ${allow.file}`, ...refusal(`allow-${named(name)}`, `http-request deny if { var(txn.other) -m str ${name} } !${allow.acl}`)] }],
  );
}

export function otherHostChoice(others: readonly OtherHostModel[]): readonly string[] {
  return others.map(({ name }) => `use_backend be_${named(name)} if { var(txn.other) -m str ${name} }`);
}

/** In TCP mode, recognizes connections for other web sites by the name in the client's TLS handshake (SNI). */
export function otherHostBySni(others: readonly OtherHostModel[]): { readonly lists: readonly Block[]; readonly choice: readonly string[] } {
  const asks = ({ hostNames }: OtherHostModel): string => `{ req.ssl_sni -i ${hostNames.join(" ")} }`;
  return {
    lists: [
      ...others.flatMap((host) =>
        host.allow === undefined
          ? []
          : [{ comment: `Acl for ${host.name}`, lines: [`acl ${host.allow.acl} src -f ${host.allow.file}`, ...refusal(`allow-${named(host.name)}`, `tcp-request content reject if ${asks(host)} !${host.allow.acl}`)] }],
      ),
      { lines: when(others.some(({ allow }) => allow !== undefined), "tcp-request content unset-var(txn.rule)") },
    ],
    choice: others.map((host) => `use_backend be_${named(host.name)} if ${asks(host)}`),
  };
}

export function otherHostBackend(host: OtherHostModel, bridge: boolean, timing: CheckTimingModel, resolvers: ResolversModel): string {
  const { name, servers, port, caFile, verifyName, healthPath, balance, serverTimeout } = host;
  const tls = caFile === undefined ? "" : ` ssl verify required ca-file ${caFile} check-sni ${verifyName} verifyhost ${verifyName} sni str(${verifyName})`;
  return section(`backend be_${named(name)}`, [
    {
      lines: [
        bridge ? "mode http" : "mode tcp",
        ...balanceLines(balance),
        ...when(serverTimeout !== undefined, `timeout server ${serverTimeout}`),
        ...when(bridge, "option http-keep-alive", "http-reuse never"),
        ...when(healthPath !== undefined, `option httpchk GET ${healthPath}`, "http-check expect status 200"),
        "option log-health-checks",
        ...servers.map((server, index) => `server ${name}${index + 1} ${server}:${port} ${checkWords(timing, resolvers)}${tls}`),
      ],
    },
  ]);
}
