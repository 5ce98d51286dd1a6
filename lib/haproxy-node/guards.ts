import { MailProtocol } from "../choices/mail-protocol";
import { VirtualDirectory } from "../choices/virtual-directory";
import { refused } from "../validation/errors";
import { HaproxyNodeProps } from "./props";

/** An allow list, and the service or directory to which it belongs. */
interface Guard {
  /** The name of the directory or mail service. */
  readonly name: string;
  readonly entries: string[];
  /**
   * The node's prop that contains the list. Undefined if the list comes from the DAG. The DAG has already checked such
   * a list.
   */
  readonly prop?: string;
}

type Served = Pick<HaproxyNodeProps, "dag" | "mode" | "allow">;

/** Returns the allow lists that apply, one for each directory and mail service that has a list. */
export function guards({ dag, mode, allow = {} }: Served): readonly Guard[] {
  const guard = (name: string, own: string[] | undefined, prop: string, short: string[] | undefined): readonly Guard[] => {
    if (own !== undefined) return [{ name, entries: own }];
    return short === undefined ? [] : [{ name, entries: short, prop }];
  };
  return [
    ...dag.mailProtocols.flatMap((service) => guard(service.name, service._allow, "allow.smtp", service._open ? allow.smtp : undefined)),
    ...(mode._sslBridge === undefined ? [] : sorted(dag.virtualDirectories)).flatMap(({ name, _allow: own }) =>
      guard(name, own, `allow.${name}`, name === "ecp" || name === "owa" ? allow[name] : undefined),
    ),
  ];
}

/** The directories sorted by name, so that their order in the props has no effect. */
function sorted(directories: readonly VirtualDirectory[]): readonly VirtualDirectory[] {
  return [...directories].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Refuses allow lists that have no effect. Otherwise the user would believe that such a list protects something. */
export function checkGuards(where: string, { dag, mode, allow = {} }: Served): void {
  const nothing = (prop: string, why: string): Error => refused(where, `${prop} must be left out, because it would have no effect: ${why}`);
  const directory = (name: string): VirtualDirectory | undefined => dag.virtualDirectories.find((served) => served.name === name);
  const closes = (["ecp", "owa"] as const).filter((name) => allow[name] !== undefined);
  if (mode._sslBridge === undefined) {
    const own = dag.virtualDirectories.findIndex(({ _allow: list }) => list !== undefined);
    const [prop] = [...closes.map((name) => `allow.${name}`), ...(own === -1 ? [] : [`virtualDirectories[${own}].allow of the dag`])];
    if (prop !== undefined) throw nothing(prop, "in TCP mode, HAProxy cannot see paths, so it cannot protect a directory. Use BalancingMode.sslBridge()");
  }
  for (const name of closes) {
    const served = directory(name);
    if (served === undefined) throw nothing(`allow.${name}`, `/${name} is not among the dag's virtualDirectories`);
    if (served._allow !== undefined) throw nothing(`allow.${name}`, `/${name} has its own allow list in the dag's virtualDirectories`);
  }
  const open = dag.mailProtocols.filter(({ _open }) => _open);
  if (allow.smtp === undefined || open.some(({ _allow: list }) => list === undefined)) return;
  throw nothing("allow.smtp", open.length === 0 ? "none of the dag's mailProtocols is SMTP" : "each SMTP service among the dag's mailProtocols has its own allow list");
}

/** Warnings about dangerous services that have no allow list. */
export function dangerouslyOpen(props: Served): readonly string[] {
  const guarded = new Set(guards(props).map(({ name }) => name));
  const unguarded = <T extends MailProtocol | VirtualDirectory>(all: readonly T[]): readonly T[] => all.filter(({ name }) => !guarded.has(name));
  return [
    ...unguarded(props.dag.mailProtocols).filter(({ _open }) => _open).map(({ name }) =>
      `${name === "smtp" ? "allow.smtp is not set" : `${name} has no allow list`}, so every client can send by SMTP. Without transparentProxy, Exchange cannot restrict clients by address either: Exchange sees the balancer's address for every client`),
    ...(props.mode._sslBridge === undefined ? [] : unguarded(props.dag.virtualDirectories)).flatMap(({ name, path }) => {
      if (name === "ecp") return ["allow.ecp is not set, so everyone may open the Exchange admin center"];
      return /^[/]powershell/i.test(path) ? [`${path} has no allow list, so everyone may try to administer Exchange`] : [];
    }),
  ];
}
