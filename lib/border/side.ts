import { Token } from "cdktf";
import { Publication } from "../choices/publication";
import { VirtualDirectory } from "../choices/virtual-directory";
import { AllowModel, GrantModel, InnerModel, MailModel, MemberModel } from "../haproxy/model";
import { ReviewPublication } from "../review/model";

/**
 * The settings that turn an ordinary node into a border proxy: how to reach the servers behind it, and which services
 * to publish.
 */
export interface BorderSide {
  readonly inner: InnerModel;
  readonly lists: readonly BorderList[];
  /** Whether `/` redirects to Outlook on the web. */
  readonly root: boolean;
  /** Returns the fields that a border proxy changes in the model of a mail protocol. */
  readonly mail: (protocol: MailModel) => Partial<MailModel>;
  readonly published: readonly ReviewPublication[];
  readonly warnings: readonly string[];
}

/** The allow list of one publication. */
export interface BorderList extends AllowModel {
  /** The publication's name. */
  readonly name: string;
  readonly prop: string;
  readonly entries: string[];
}

/** How a border proxy reaches the servers behind it. */
export interface Inside {
  readonly httpsPort: number;
  readonly proxyProtocol: boolean;
  /**
   * The ports for mail on the servers behind the border proxy: the protocol's name -> the port. If a protocol has no
   * entry, the border proxy connects to the protocol's `memberPort`; only `InnerAccess.plain()` allows this.
   */
  readonly mailPorts: Readonly<Record<string, number>>;
}

export function borderSide(publish: readonly Publication[], names: readonly string[], inside: Inside, edge: readonly MemberModel[], warnings: readonly string[]): BorderSide {
  const lists = publish.flatMap((publication, index) => listOf(publication, index) ?? []);
  const allow = (name: string): AllowModel | undefined => {
    const list = lists.find((one) => one.name === name);
    return list === undefined ? undefined : { acl: list.acl, file: list.file };
  };
  return {
    inner: {
      httpsPort: inside.httpsPort,
      proxyProtocol: inside.proxyProtocol,
      names,
      grants: publish.flatMap(({ name, _directories }) =>
        _directories.map(({ directory, only, except }): GrantModel => ({ publication: name, directory: directory.name, allow: allow(name), only, except })),
      ),
    },
    lists,
    root: publish.some(({ _more }) => _more.root === true),
    mail: ({ name, memberPort, memberMaxconn }) =>
      name === "smtp" && edge.length > 0
        ? { memberPort, memberMaxconn, servers: edge }
        // The balancers behind the border proxy limit the sessions for each member, so the border proxy sets no limit.
        : { memberPort: inside.mailPorts[name] ?? memberPort, memberMaxconn: undefined },
    published: publish.map((publication) => ({ name: publication.name, what: what(publication), ...(publication._allow === undefined ? {} : { allow: entries(publication._allow) }) })),
    warnings: [...warnings, ...openToAll(publish)],
  };
}

/**
 * The directories of all publications, without duplicates. If several publications contain the same directory, and one
 * of them was created with `Publication.directory()`, the result contains the directory with the options from
 * `Publication.directory()`.
 */
export function directoriesOf(publish: readonly Publication[]): VirtualDirectory[] {
  const all = publish.flatMap(({ _directories }) => _directories);
  const found = new Map<string, VirtualDirectory>();
  for (const { directory, asGiven } of all) if (asGiven === true || !found.has(directory.name)) found.set(directory.name, directory);
  return [...found.values()];
}

function listOf({ name, _allow, _more, _mail }: Publication, index: number): BorderList | undefined {
  if (_allow === undefined) return undefined;
  const prop = `publish[${index}].${_more.allowProp ?? "allow"}`;
  // For a mail protocol, the names of the ACL and of the file are the same as on a balancer.
  return { name, prop, entries: _allow, acl: _mail === undefined ? `networks_${name}` : `${name}_networks`, file: `/etc/haproxy/haproxy_${name}_whitelist.lst` };
}

function what({ _directories, _mail }: Publication): readonly string[] {
  if (_mail !== undefined) return [`${_mail.name} (TCP ${_mail.port})`];
  if (_directories.length === 0) return ["all virtual directories that the balancers behind the border proxy serve"];
  return _directories.map(({ directory, only, except }) => only?.path ?? (except === undefined ? directory.path : `${directory.path} without ${except.path}`));
}

/** The entries of an allow list. If the whole list is a token, the token's expression is the only entry. */
function entries(list: string[]): readonly string[] {
  return Token.isUnresolved(list) ? [Token.asString(list)] : list;
}

/** Warnings about services that every client can use, although such services are usually restricted. */
function openToAll(publish: readonly Publication[]): readonly string[] {
  return publish
    .filter(({ _allow }) => _allow === undefined)
    .flatMap(({ name, _mail, _directories }) => {
      if (name === "smtp") return ["smtp is published without an allow list, so every client can send by SMTP. Without transparentProxy, Exchange cannot restrict clients by address either: Exchange sees the balancer's address for every client"];
      if (_mail !== undefined) return [];
      const inner = _directories.find(({ directory }) => directory.name === "ecp" || directory.name === "powershell");
      return inner === undefined ? [] : [`${inner.directory.path} is published without an allow list, so everyone outside may open it`];
    });
}
