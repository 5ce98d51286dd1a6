import type { Host } from "./hosts";

/** What administrators do to hosts. Each function changes a bare or a deployed host of the lab in such a way. */
export type Shape = (host: Host) => Promise<unknown>;

/** Packages as an administrator installs them: their services start with the distribution's files. */
export const installed = async (host: Host, ...packages: string[]): Promise<void> => {
  await host.must(["sh", "-ec", 'export DEBIAN_FRONTEND=noninteractive; apt-get update -qq; apt-get install -y -qq --no-install-recommends "$@"', "sh", ...packages], { timeout: 120 });
};

/** A .bashrc that prints a greeting in every session, also in sessions of programs. */
export const bannerInBashrc: Shape = (host) => host.must("printf 'echo \"** Welcome to $(hostname) **\"\\n' > /root/.bashrc");

/** The same, but silent without a terminal, as it should be. */
export const guardedBannerInBashrc: Shape = (host) =>
  host.must("printf '[[ $- == *i* ]] || return\\necho \"** Welcome to $(hostname) **\"\\n' > /root/.bashrc");

/** sudo as RHEL 6 and hardening guides have it. */
export const requireTty: Shape = (host) => host.must("echo 'Defaults requiretty' > /etc/sudoers.d/requiretty; chmod 0440 /etc/sudoers.d/requiretty");

export const loginShell = (shell: "zsh" | "fish"): Shape => async (host) => {
  await installed(host, shell);
  await host.must(["usermod", "--shell", `/usr/bin/${shell}`, "root"]);
};

/** /root as a hardening guide mounts it; gone after a reboot. */
export const homeOnNoexec: Shape = (host) => host.must("mount --bind /root /root && mount -o remount,bind,noexec /root");

/** The services of the host that this library does not know: ssh, the agent. */
const SSH_AND_AGENT = [22, 9100];

/** Ubuntu's firewall, with ssh let in. */
export const ufw: Shape = async (host) => {
  await installed(host, "ufw", "iptables");
  for (const port of SSH_AND_AGENT) await host.must(["ufw", "allow", `${port}/tcp`]);
  await host.must(["ufw", "--force", "enable"]);
};

/** nftables.service with a table of the administrator's own. */
export const nftablesService: Shape = async (host) => {
  await installed(host, "nftables");
  await host.must(["tee", "/etc/nftables.conf"], {
    input: [
      "#!/usr/sbin/nft -f",
      "flush ruleset",
      "table inet site {",
      "  chain input {",
      "    type filter hook input priority filter; policy drop;",
      "    ct state established,related accept",
      "    iif lo accept",
      "    meta l4proto { icmp, icmpv6 } accept",
      `    tcp dport { ${SSH_AND_AGENT.join(", ")} } accept`,
      "  }",
      "}",
      "",
    ].join("\n"),
  });
  await host.must("systemctl enable --quiet nftables && systemctl restart nftables");
};

/** Rules that exist only in the kernel and in no file: from rc.local, cloud-init, a colleague. */
export const plainIptables: Shape = async (host) => {
  await installed(host, "iptables");
  await host.must([
    "iptables -A INPUT -i lo -j ACCEPT",
    "iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
    ...SSH_AND_AGENT.map((port) => `iptables -A INPUT -p tcp --dport ${port} -j ACCEPT`),
    "iptables -P INPUT DROP",
  ].join(" && "));
};

/** The same rules, saved and loaded at each boot: Debian's iptables-persistent, RHEL's iptables-services. */
export const persistentIptables: Shape = async (host) => {
  await plainIptables(host);
  await installed(host, "iptables-persistent");
  await host.must("mkdir -p /etc/iptables && iptables-save > /etc/iptables/rules.v4 && systemctl enable --quiet netfilter-persistent && systemctl restart netfilter-persistent");
};

/** firewalld as somebody set it up: the mail's interface in another zone than the default one. */
export const firewalldZone = (zone: string, interfaceName: string): Shape => async (host) => {
  await installed(host, "firewalld", "python3-nftables", "nftables", "netbase");
  await host.must([
    "systemctl enable --now --quiet firewalld",
    `firewall-cmd --quiet --permanent --zone=${zone} --change-interface=${interfaceName}`,
    ...SSH_AND_AGENT.map((port) => `firewall-cmd --quiet --permanent --zone=${zone} --add-port=${port}/tcp`),
    "firewall-cmd --quiet --reload",
  ].join(" && "));
};

/** The ports of the host that answer a client, which shows how the host filters. */
export async function openPorts(client: Host, address: string, ports: readonly number[]): Promise<number[]> {
  const open = await client.must(
    `for port in ${ports.join(" ")}; do timeout 1 bash -c "exec 3<>/dev/tcp/${address}/$port" 2>/dev/null && echo $port; done; true`,
  );
  return open.split("\n").filter((line) => line !== "").map(Number);
}
