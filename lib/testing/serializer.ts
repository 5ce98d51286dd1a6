import { SCRIPT_LOCALS, TRIGGER } from "../delivery/keys";
import { haproxyCheckScript } from "../host/scripts";
import { HostFiles, deliveries, hostFiles } from "./host-files";

/**
 * A jest snapshot serializer that shows the text of `Testing.synth(stack)` the
 * way a person reviews it: the Terraform part with one line of text a line, then
 * each host's files as they will stand there.
 *
 * ```ts
 * expect.addSnapshotSerializer(hostFilesSerializer);
 * expect(Testing.synth(stack, true)).toMatchSnapshot();
 * ```
 */
export const hostFilesSerializer = {
  /** True for synthesized text with at least one balancer in it. */
  test(value: unknown): boolean {
    if (typeof value !== "string" || !value.startsWith("{")) return false;
    try {
      return deliveries(JSON.parse(value) as object).length > 0;
    } catch {
      return false;
    }
  },

  /** The text of the snapshot. */
  serialize(value: string): string {
    return [terraform(value), ...hostFiles(value).map(host)].join("\n");
  },
};

/** Scripts of ours are the same on all hosts and reviewed elsewhere: they are named. */
const SCRIPTS: ReadonlyMap<string, string> = new Map([
  [SCRIPT_LOCALS.apply, "apply.sh"],
  [SCRIPT_LOCALS.certificateCheck, "certificate-check.sh"],
]);

const RULER = "=".repeat(80);

function terraform(synthesized: string): string {
  const shown = JSON.stringify(
    JSON.parse(synthesized),
    (key, value: unknown) => {
      const script = SCRIPTS.get(key);
      if (script !== undefined) return `(${script})`;
      if (key === "triggers" && typeof value === "object" && value !== null && TRIGGER.manifest in value) {
        return Object.fromEntries(
          Object.entries(value).map(([name, text]) => [name, name.startsWith("/") ? "(below)" : (text as string)]),
        );
      }
      return typeof value === "string" && value.includes("\n") ? value.split("\n") : value;
    },
    2,
  );
  return `${shown}\n`;
}

/** What an earlier host has to the letter is named, not repeated: a review should read it once. */
function host({ host: address, resources, manifest, files }: HostFiles, index: number, all: readonly HostFiles[]): string {
  const parts = files.map(({ path, mode, content, secret }) => {
    const head = `--- ${path} ${mode}`;
    if (secret) return `${head} (secret)\n`;
    if (content === haproxyCheckScript()) return `${head} (haproxy-check.sh)\n`;
    const twin = all.slice(0, index).find((other) => other.files.some((file) => file.path === path && file.content === content));
    if (twin !== undefined) return `${head} (as on ${twin.host})\n`;
    return `${head}\n${content}${content.endsWith("\n") ? "" : "\n"}`;
  });
  return [`${RULER}\n${address}: ${resources.join(", ")}\n${RULER}\n`, `${manifest.join("\n")}\n`, ...parts].join("\n");
}
