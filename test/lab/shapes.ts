import type { Host } from "./hosts";

/** A function that changes a bare or a deployed host of the lab in a way that administrators do. */
export type Shape = (host: Host) => Promise<unknown>;

/** Installs packages as an administrator does: their services start with the distribution's files. */
export const installed = async (host: Host, ...packages: string[]): Promise<void> => {
  await host.must(["sh", "-ec", 'export DEBIAN_FRONTEND=noninteractive; apt-get update -qq; apt-get install -y -qq --no-install-recommends "$@"', "sh", ...packages], { timeout: 120 });
};

/** A .bashrc that prints a greeting in every session, also in sessions of programs. */
export const bannerInBashrc: Shape = (host) => host.must("printf 'echo \"** Welcome to $(hostname) **\"\\n' > /root/.bashrc");

/** A .bashrc that prints a greeting only in interactive sessions, as it should. */
export const guardedBannerInBashrc: Shape = (host) =>
  host.must("printf '[[ $- == *i* ]] || return\\necho \"** Welcome to $(hostname) **\"\\n' > /root/.bashrc");

/** Makes sudo require a terminal, as in RHEL 6 and in hardening guides. */
export const requireTty: Shape = (host) => host.must("echo 'Defaults requiretty' > /etc/sudoers.d/requiretty; chmod 0440 /etc/sudoers.d/requiretty");

export const loginShell = (shell: "zsh" | "fish"): Shape => async (host) => {
  await installed(host, shell);
  await host.must(["usermod", "--shell", `/usr/bin/${shell}`, "root"]);
};

/** Mounts /root with noexec until the next reboot, as a hardening guide recommends. */
export const homeOnNoexec: Shape = (host) => host.must("mount --bind /root /root && mount -o remount,bind,noexec /root");

/** The ports of ssh and of an administrator's agent. This library manages neither of these two services. */
const SSH_AND_AGENT = [22, 9100];

/** Turns on Ubuntu's firewall, ufw, and admits ssh and the agent. */
export const ufw: Shape = async (host) => {
  await installed(host, "ufw", "iptables");
  for (const port of SSH_AND_AGENT) await host.must(["ufw", "allow", `${port}/tcp`]);
  await host.must(["ufw", "--force", "enable"]);
};

/** Turns on nftables.service with a table that an administrator might write. */
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

/**
 * Adds rules that exist only in the kernel and in no file, like rules that rc.local, cloud-init or a colleague has
 * added.
 */
export const plainIptables: Shape = async (host) => {
  await installed(host, "iptables");
  await host.must([
    "iptables -A INPUT -i lo -j ACCEPT",
    "iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
    ...SSH_AND_AGENT.map((port) => `iptables -A INPUT -p tcp --dport ${port} -j ACCEPT`),
    "iptables -P INPUT DROP",
  ].join(" && "));
};

/**
 * Adds the rules of plainIptables, and saves them so that each boot loads them, as with Debian's iptables-persistent or
 * RHEL's iptables-services.
 */
export const persistentIptables: Shape = async (host) => {
  await plainIptables(host);
  await installed(host, "iptables-persistent");
  await host.must("mkdir -p /etc/iptables && iptables-save > /etc/iptables/rules.v4 && systemctl enable --quiet netfilter-persistent && systemctl restart netfilter-persistent");
};

/** Sets up firewalld as an administrator does, with the serving interface in the given zone. */
export const firewalldZone = (zone: string, interfaceName: string): Shape => async (host) => {
  await installed(host, "firewalld", "python3-nftables", "nftables", "netbase");
  await host.must([
    "systemctl enable --now --quiet firewalld",
    `firewall-cmd --quiet --permanent --zone=${zone} --change-interface=${interfaceName}`,
    ...SSH_AND_AGENT.map((port) => `firewall-cmd --quiet --permanent --zone=${zone} --add-port=${port}/tcp`),
    "firewall-cmd --quiet --reload",
  ].join(" && "));
};

/** Returns which of the given ports answer a client, to show how the host filters. */
export async function openPorts(client: Host, address: string, ports: readonly number[]): Promise<number[]> {
  const open = await client.must(
    `for port in ${ports.join(" ")}; do timeout 1 bash -c "exec 3<>/dev/tcp/${address}/$port" 2>/dev/null && echo $port; done; true`,
  );
  return open.split("\n").filter((line) => line !== "").map(Number);
}
