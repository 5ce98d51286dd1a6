import { noteRule } from "./log-format";
import { Block, section, when } from "./section";
import { HaproxyFeatures } from "./versions";

/** The settings with which HAProxy stops password guessing. */
export interface GuessesModel {
  readonly banTime: string;
  /**
   * The file with the networks whose clients are exempt: their failures are not counted, and their requests are not
   * refused.
   */
  readonly exceptions?: string;
}

/**
 * The HAProxy processes that share bans: the node's old and new process during a reload, and the other node's process.
 */
export interface PeersModel {
  readonly port: number;
  /** The node's own name. It is the only value of this model that differs between the nodes of a pair. */
  readonly own: string;
  readonly nodes: readonly { readonly name: string; readonly address: string }[];
}

/** The path of the Lua script that makes the decisions about guessed passwords. */
export const GUARD_LUA = "/etc/haproxy/exchange-balancer-guard.lua";

const PEERS = "exchange_balancer";

/**
 * The paths on which an answer shows whether a password is right: Exchange answers 401 without a password, and 2xx with
 * the right password. On other paths, an answer shows nothing. For example, health pages and Outlook on the web answer
 * 200 to any Authorization header.
 */
const PROVING =
  "^/(microsoft-server-activesync(/default[.]eas)?|ews/exchange[.]asmx|autodiscover/autodiscover[.]xml|mapi/(emsmdb|nspi)|rpc/rpcproxy[.]dll|oab/[^/]+/[^/]+[.](xml|lzx)|powershell)/?$";

/**
 * The rules against guessed passwords. They find out which account a request is for, refuse the request if a ban
 * applies, and note whether Exchange accepts or refuses the password. They must come after all other rules, so that
 * requests that other rules refuse are not counted. `butOthers` is the condition that excludes requests for other web
 * sites.
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
      comment: "count a password as refused if Exchange answers 401, or if a login by OWA's form starts no session; do not count a 401 that only asks for a password",
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

/**
 * The tables of banned addresses, banned names and accepted passwords. A ban ends when its entry expires. An accepted
 * password is kept for a day and then checked again.
 */
export function guessTables({ banTime }: GuessesModel, shared: boolean): readonly string[] {
  const table = (name: string, type: string, size: string, expire: string): string =>
    section(`backend ${name}`, [{ lines: [`stick-table type ${type} size ${size} expire ${expire} store gpt0${shared ? ` peers ${PEERS}` : ""}`] }]);
  return [
    table("guard_addresses", "ipv6", "100k", banTime),
    table("guard_names", "string len 64", "100k", banTime),
    table("guard_proven", "string len 16", "200k", "24h"),
  ];
}

/**
 * The section that shares bans. The node's own `server` line has no address, because the `bind` line has the address to
 * which other processes connect.
 */
export function peersSection({ port, own, nodes }: PeersModel): string {
  return section(`peers ${PEERS}`, [
    {
      comment: "share bans with the next process after a reload and with the other node",
      lines: [`bind ${nodes.length > 1 ? "0.0.0.0" : "127.0.0.1"}:${port}`, ...nodes.map(({ name, address }) => `server ${name}${name === own ? "" : ` ${address}:${port}`}`)],
    },
  ]);
}
