import { createHash } from "node:crypto";
import type { Host } from "../../test/lab/hosts";
import type { Site } from "../../test/lab/site";
import { PAIR_ANSWER } from "../../lib/haproxy/render";
import type { RenderedHost } from "./rendered";

/**
 * Checks that a host has everything that each contender must deploy. Without this check, contenders could do different
 * work.
 */
export async function mustHaveLanded(site: Site, wanted: RenderedHost, firewall: boolean): Promise<void> {
  const host = site.lab.host(wanted.name);
  const expected = [
    ...wanted.files.map(({ path, mode, content }) => `${createHash("sha256").update(content).digest("hex")} ${Number(mode)} root:root ${path}`),
    ...wanted.services.map((service) => `active enabled ${service}`),
    ...(firewall ? [...wanted.ports, ...wanted.richRules].flatMap((rule) => [`open ${rule}`, `open for good ${rule}`]) : []),
  ];
  const there = new Set((await host.must(["bash", "-c", LOOK, "look", String(wanted.files.length),
    ...wanted.files.map(({ path }) => path), ...wanted.services])).split("\n"));
  const absent = expected.filter((line) => !there.has(line));
  if (absent.length > 0) throw new Error(`${host.name} differs from the expected state. Missing:\n${absent.join("\n")}\nPresent:\n${[...there].join("\n")}`);
  await site.until(`${host.name} serves`, 30, () => serves(host));
}

const LOOK = `
# The host itself adds lines to what it answers the other node.
as_brought() { if [ "$1" = ${PAIR_ANSWER} ]; then sed '/^language /,$d' "$1"; else cat "$1"; fi; }
for path in "\${@:2:$1}"; do echo "$(as_brought "$path" | sha256sum | cut -d' ' -f1) $(stat -c '%a %U:%G' "$path") $path"; done
for service in "\${@:$1+2}"; do echo "$(systemctl is-active "$service") $(systemctl is-enabled "$service") $service"; done
firewall-cmd --list-ports | tr ' ' '\\n' | sed 's/^/open /'
firewall-cmd --permanent --list-ports | tr ' ' '\\n' | sed 's/^/open for good /'
firewall-cmd --list-rich-rules | sed 's/^/open /'
firewall-cmd --permanent --list-rich-rules | sed 's/^/open for good /'
`;

/** Whether the host answers HTTPS. The request runs on the host itself, because the firewall may block other machines. */
async function serves(host: Host): Promise<boolean> {
  const { stdout } = await host.exec(["curl", "-sk", "-m", "2", "-o", "/dev/null", "-w", "%{http_code}", `https://${host.address}/owa/healthcheck.htm`]);
  return stdout === "200";
}
