import { Construct } from "constructs";
import { HaproxyLines, HaproxySection } from "../choices/haproxy-lines";
import { OwnLinesModel } from "../haproxy/own-lines";
import { Place, Taken, refusedLine } from "../haproxy/own-lines-rules";
import { Checks } from "../validation/checks";
import { invalid, refused } from "../validation/errors";
import { CONFIG_LINE, CONFIG_NAME } from "../validation/rules";

/**
 * Checks the user's own lines for haproxy.cfg, and that the frontends and backends for these lines exist. `cfg` is the
 * text of haproxy.cfg without these lines. `ports` are the ports that the host serves.
 */
export function ownLines(scope: Construct, checks: Checks, lines: HaproxyLines | undefined, cfg: string, ports: readonly number[]): OwnLinesModel | undefined {
  if (lines === undefined) return undefined;
  const where = scope.node.path;
  const acls = new Map(cfg.split(/^(?=[a-z])/m).map((text) => [text.split("\n")[0] ?? "", new Set([...text.matchAll(/^ {4}acl (\S+) /gm)].map(([, name = ""]) => name))]));
  const checked = (prop: string, all: readonly string[], place: Place, taken: ReadonlySet<string> = new Set()): readonly string[] => {
    const known: Taken = { acls: taken, ports: new Set(ports) };
    all.forEach((line, index) => {
      checks.known(`${prop}[${index}]`, line, CONFIG_LINE);
      const why = refusedLine(line, place, known);
      if (why !== undefined) throw refused(where, `${prop}[${index}] must be left out: ${why}, got ${JSON.stringify(line)}`);
    });
    return all;
  };
  const heads = [...acls.keys()].filter((head) => /^(frontend fe_exch2019|backend be_exch2019)/.test(head));
  const named = (kind: "frontend" | "backend", all: { readonly [name: string]: readonly string[] } = {}): (readonly [string, readonly string[]])[] =>
    Object.entries(all).map(([name, some]) => {
      const head = `${kind} ${name}`;
      const names = heads.flatMap((known) => (known.startsWith(`${kind} `) ? [known.slice(kind.length + 1)] : []));
      if (!names.includes(name)) throw invalid(where, `haproxyLines.${kind}s' name`, `one of ${names.join(", ")}`, name);
      return [head, checked(`haproxyLines.${kind}s["${name}"]`, some, kind, acls.get(head))];
    });
  const { globalLines = [], defaultsLines = [], frontends, backends, sections = [] } = lines;
  const heading = ({ type, name }: HaproxySection, index: number): string => {
    const prop = `haproxyLines.sections[${index}].name`;
    checks.known(prop, name, CONFIG_NAME);
    if (/^(fe_|be_exch2019)/.test(name) || acls.has(`${type} ${name}`)) throw invalid(where, prop, "a name that this library does not use (it uses fe_…, be_exch2019…, dns, syslog)", name);
    return `${type} ${name}`;
  };
  checks.different("haproxyLines.sections' name", sections.map(({ name }) => name));
  return {
    inSections: new Map([
      ["global", checked("haproxyLines.globalLines", globalLines, "global")] as const,
      ["defaults", checked("haproxyLines.defaultsLines", defaultsLines, "defaults")] as const,
      ...named("frontend", frontends),
      ...named("backend", backends),
    ]),
    sections: sections.map((one, index) => ({ head: heading(one, index), lines: checked(`haproxyLines.sections[${index}].lines`, one.lines, "own") })),
  };
}
