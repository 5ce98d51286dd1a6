import { noteRule } from "./log-format";
import { Block, section, when } from "./section";
import { HaproxyFeatures } from "./versions";

/** How HAProxy stops password guessing. */
export interface GuessesModel {
  readonly banTime: string;
  /** The file with networks that are neither counted nor refused. */
  readonly exceptions?: string;
}

/** The HAProxy processes that share bans: the node's processes before and after a reload, and the other node. */
export interface PeersModel {
  readonly port: number;
  /** The node's own name. Only this name differs between the nodes of a pair. */
  readonly own: string;
  readonly nodes: readonly { readonly name: string; readonly address: string }[];
}

/** The path of the Lua code that makes the decisions. */
export const GUARD_LUA = "/etc/haproxy/exchange-balancer-guard.lua";

const PEERS = "exchange_balancer";

/**
 * The paths on which Exchange answers 401 to a request without a password, and 2xx to a request with the right
 * password. On other paths, an answer proves nothing: health pages and Outlook on the web answer 200 to any
 * Authorization header.
 */
const PROVING =
  "^/(microsoft-server-activesync(/default[.]eas)?|ews/exchange[.]asmx|autodiscover/autodiscover[.]xml|mapi/(emsmdb|nspi)|rpc/rpcproxy[.]dll|oab/[^/]+/[^/]+[.](xml|lzx)|powershell)/?$";

/**
 * Rules for requests with a password: whose password it is, whether it was guessed, and what Exchange answers. They
 * come last, so that requests that other rules refuse do not count. `butOthers` is the condition that excludes other
 * hosts.
 */
export function guessBlocks({ exceptions }: GuessesModel, features: HaproxyFeatures, counted: boolean, butOthers: string): readonly Block[] {
  const { waitForBody, ipv6Masks } = features;
  const found = (name: string): string => `{ var(txn.${name}) -m found }`;
  const looked = `${exceptions === undefined ? "" : " !guard_exception"}${butOthers}`;
  return [
    {
      comment: "refuse guessed passwords before they reach Exchange; passwords that Exchange accepted before are not refused (docs/guards.md)",
      lines: [
        ...when(exceptions !== undefined, `acl guard_exception src -f ${exceptions ?? ""}`),
        "acl guard_form var(txn.path) -m reg -i ^/(owa|ecp)/(.*/)?auth[.]owa(/|$)",
        `http-request set-var(txn.guard_address) src${ipv6Masks ? ",ipmask(32,64)" : ""}`,
        ...when(waitForBody, `http-request wait-for-body time 5s if { method POST } guard_form${looked}`),
        `http-request lua.guard_look if { req.fhdr(authorization) -m found }${looked}`,
        `http-request lua.guard_look_form${waitForBody ? "_whole" : ""} if { method POST } guard_form${looked}`,
        `http-request set-var(txn.guard_known) int(1) if { var(txn.guard_proof),table_gpt0(guard_proven) gt 0 }`,
        `http-request set-var(txn.guard_address_banned) var(txn.guard_address),table_gpt0(guard_addresses) if ${found("guard_kind")}`,
        `http-request set-var(txn.guard_name_banned) var(txn.guard_name),table_gpt0(guard_names) if ${found("guard_name")}`,
        `http-request lua.guard_admit if ${found("guard_kind")} !${found("guard")}`,
        ...noteRule("txn.guard", counted),
        `http-request deny deny_status 429 if ${found("guard")}`,
      ],
    },
    {
      comment: "count passwords that Exchange refused: with 401, or with OWA's form but no session; a 401 that only asks for a password does not count",
      lines: [
        `acl guard_proving var(txn.path) -m reg -i ${PROVING}`,
        `http-response set-var(txn.guard_refused) int(1) if ${found("guard_kind")} { status 401 }`,
        `http-response set-var(txn.guard_refused) int(1) if { var(txn.guard_kind) -m str form } !{ status ge 500 } !{ res.cook(cadata) -m reg . }`,
        `http-response set-var(txn.guard_accepted) int(1) if { var(txn.guard_kind) -m str form } { res.cook(cadata) -m reg . }`,
        `http-response set-var(txn.guard_accepted) int(1) if ${found("guard_kind")} !{ var(txn.guard_kind) -m str form } { status 200:299 } guard_proving`,
        `http-response lua.guard_answer if ${found("guard_kind")}`,
        `http-response track-sc1 var(txn.guard_proof) table guard_proven if ${found("guard_proven")}`,
        `http-response sc-set-gpt0(1) 1 if { var(txn.guard_proven) -m int 1 }`,
        `http-response sc-set-gpt0(1) 0 if { var(txn.guard_proven) -m int 0 }`,
        `http-response track-sc1 var(txn.guard_address) table guard_addresses if ${found("guard_ban_address")}`,
        `http-response sc-set-gpt0(1) 1 if { var(txn.guard_ban_address) -m int 1 }`,
        `http-response sc-set-gpt0(1) 2 if { var(txn.guard_ban_address) -m int 2 }`,
        `http-response track-sc2 var(txn.guard_name) table guard_names if ${found("guard_ban_name")}`,
        `http-response sc-set-gpt0(2) 1 if ${found("guard_ban_name")}`,
      ],
    },
  ];
}

/** Bans end by themselves, because the entry expires. An accepted password is checked again after a day. */
export function guessTables({ banTime }: GuessesModel, shared: boolean): readonly string[] {
  const table = (name: string, type: string, size: string, expire: string): string =>
    section(`backend ${name}`, [{ lines: [`stick-table type ${type} size ${size} expire ${expire} store gpt0${shared ? ` peers ${PEERS}` : ""}`] }]);
  return [
    table("guard_addresses", "ipv6", "100k", banTime),
    table("guard_names", "string len 64", "100k", banTime),
    table("guard_proven", "string len 16", "200k", "24h"),
  ];
}

/** The node's own `server` line has no address, because other processes connect to the address of the `bind` line. */
export function peersSection({ port, own, nodes }: PeersModel): string {
  return section(`peers ${PEERS}`, [
    {
      comment: "share bans with the next process after a reload and with the other node",
      lines: [`bind ${nodes.length > 1 ? "0.0.0.0" : "127.0.0.1"}:${port}`, ...nodes.map(({ name, address }) => `server ${name}${name === own ? "" : ` ${address}:${port}`}`)],
    },
  ]);
}
