import { Token } from "cdktf";
import { Publication } from "../choices/publication";
import { VirtualDirectory } from "../choices/virtual-directory";
import { AllowModel, GrantModel, InnerModel, MailModel, MemberModel } from "../haproxy/model";
import { ReviewPublication } from "../review/model";

/** What makes a balancer's node a border proxy: what stands inside, and what of it is published. */
export interface BorderSide {
  readonly inner: InnerModel;
  readonly lists: readonly BorderList[];
  /** Whether `/` leads to Outlook on the web. */
  readonly root: boolean;
  /** What differs from a balancer in how a mail protocol is handed on. */
  readonly mail: (protocol: MailModel) => Partial<MailModel>;
  readonly published: readonly ReviewPublication[];
  readonly warnings: readonly string[];
}

/** Who may use one publication. */
export interface BorderList extends AllowModel {
  /** The publication's name. */
  readonly name: string;
  readonly prop: string;
  readonly entries: string[];
}

/** What stands inside, as the border proxy finds it. */
export interface Inside {
  readonly httpsPort: number;
  readonly proxyProtocol: boolean;
  /** A mail protocol's name -> its port there; none: its own. */
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
        // How many sessions a member takes is the inner balancers' business.
        : { memberPort: inside.mailPorts[name] ?? memberPort, memberMaxconn: undefined },
    published: publish.map((publication) => ({ name: publication.name, what: what(publication), ...(publication._allow === undefined ? {} : { allow: entries(publication._allow) }) })),
    warnings: [...warnings, ...openToAll(publish)],
  };
}

/** The directories of all publications, each once, as the user said where he said how it is served. */
export function directoriesOf(publish: readonly Publication[]): VirtualDirectory[] {
  const all = publish.flatMap(({ _directories }) => _directories);
  const found = new Map<string, VirtualDirectory>();
  for (const { directory, asGiven } of all) if (asGiven === true || !found.has(directory.name)) found.set(directory.name, directory);
  return [...found.values()];
}

function listOf({ name, _allow, _more, _mail }: Publication, index: number): BorderList | undefined {
  if (_allow === undefined) return undefined;
  const prop = `publish[${index}].${_more.allowProp ?? "allow"}`;
  // A mail protocol's ACL and file have the names that they have on a balancer.
  return { name, prop, entries: _allow, acl: _mail === undefined ? `networks_${name}` : `${name}_networks`, file: `/etc/haproxy/haproxy_${name}_whitelist.lst` };
}

function what({ _directories, _mail }: Publication): readonly string[] {
  if (_mail !== undefined) return [`${_mail.name} (TCP ${_mail.port})`];
  if (_directories.length === 0) return ["all virtual directories that are served inside"];
  return _directories.map(({ directory, only, except }) => only?.path ?? (except === undefined ? directory.path : `${directory.path} without ${except.path}`));
}

/** A list that is a token as a whole is one entry: its expression. */
function entries(list: string[]): readonly string[] {
  return Token.isUnresolved(list) ? [Token.asString(list)] : list;
}

/** What only some are meant to have, and everyone gets. */
function openToAll(publish: readonly Publication[]): readonly string[] {
  return publish
    .filter(({ _allow }) => _allow === undefined)
    .flatMap(({ name, _mail, _directories }) => {
      if (name === "smtp") return ["publish has smtp without allow, so everyone may send by SMTP, and to Exchange all of them have the balancer's address"];
      if (_mail !== undefined) return [];
      const inner = _directories.find(({ directory }) => directory.name === "ecp" || directory.name === "powershell");
      return inner === undefined ? [] : [`publish has ${inner.directory.path} without allow, so everyone may open it from outside`];
    });
}
