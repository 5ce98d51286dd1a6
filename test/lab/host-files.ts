import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { CERTIFICATES, FAULTY } from "./certificates";
import { hostKeys, loginKey } from "./keys";
import { OTHER_SOURCES_LIST } from "./other-packages";
import { balancerSuite } from "./suites";
import { SYSTEMS } from "./systems";
import { type HostPlan, hostsFile, INTERFACE, isNode, MANAGEMENT, managementAddress, PREFIX_LENGTH, ZONES } from "./topology";

/**
 * Writes the files of one particular host onto a new disk: its name, network, keys and packages.
 * `disk` is the upper layer of an overlay over `root`.
 */
export async function writeHostFiles(root: string, disk: string, plan: HostPlan): Promise<void> {
  /**
   * Makes a folder in the upper layer. The new folder hides the folder of the same path in the lower layer, so this
   * function copies the hidden folder's owner and mode.
   */
  const folder = (name: string): void => {
    if (existsSync(path.join(disk, name))) return;
    if (name !== ".") folder(path.dirname(name));
    mkdirSync(path.join(disk, name));
    const below = path.join(root, name);
    const { uid, gid, mode } = statSync(existsSync(below) ? below : path.join(disk, path.dirname(name)));
    chownSync(path.join(disk, name), uid, gid);
    chmodSync(path.join(disk, name), mode & 0o7777);
  };
  /** Writes a file, with the owner of its folder. */
  const write = (file: string, text: string, mode = 0o644): void => {
    folder(path.dirname(file));
    writeFileSync(path.join(disk, file), text, { mode });
    const { uid, gid } = statSync(path.join(disk, path.dirname(file)));
    chownSync(path.join(disk, file), uid, gid);
  };
  const link = (file: string, target: string): void => {
    folder(path.dirname(file));
    symlinkSync(target, path.join(disk, file));
  };
  folder(".");

  write("etc/hostname", `${plan.name}\n`);
  write("etc/hosts", hostsFile(plan));
  write("etc/resolv.conf", "# The lab has no name server.\n");
  // It must sort before systemd's own 80-container-host0.network.
  write(`etc/systemd/network/10-${INTERFACE}.network`, [
    "[Match]",
    `Name=${INTERFACE}`,
    "[Network]",
    ...[plan.address, ...plan.extraAddresses].map((address) => `Address=${address}/${PREFIX_LENGTH}`),
    "LinkLocalAddressing=no",
    // A host whose cable is pulled keeps its address, as a virtual machine does.
    "ConfigureWithoutCarrier=yes",
    "IgnoreCarrierLoss=yes",
    // No default route, because the lab is not connected to the internet.
    "[Route]",
    `Destination=${ZONES[plan.zone].others}`,
    `Gateway=${ZONES[plan.zone].gateway}`,
    "",
  ].join("\n"));

  for (const [type, { privatePath, publicText }] of Object.entries(await hostKeys(plan.name))) {
    write(`etc/ssh/ssh_host_${type}_key`, readFileSync(privatePath, "utf8"), 0o600);
    write(`etc/ssh/ssh_host_${type}_key.pub`, `${publicText}\n`);
  }
  const { publicText } = await loginKey();
  for (const home of ["root", "home/deploy", "home/nosudo"]) {
    if (existsSync(path.join(root, home))) write(`${home}/.ssh/authorized_keys`, `${publicText}\n`, 0o600);
  }

  if (isNode(plan)) {
    const { el, packages } = SYSTEMS[balancerSuite()];
    write(packages.source.file, packages.source.text);
    if (el === undefined) write("etc/apt/sources.list.d/other.list", OTHER_SOURCES_LIST);
    if (plan.kind === "balancer") inUse(write, link, plan);
  }
  if (plan.kind === "exchange") {
    write("etc/exchange/cert.pem", readFileSync(CERTIFICATES.certificate, "utf8"));
    write("etc/exchange/key.pem", readFileSync(CERTIFICATES.key, "utf8"), 0o600);
    for (const [name, { certificate, key }] of Object.entries(FAULTY)) {
      write(`etc/exchange/${name}.pem`, readFileSync(certificate, "utf8"));
      write(`etc/exchange/${name}.key`, readFileSync(key, "utf8"), 0o600);
    }
  }
  if (plan.kind === "client" || plan.kind === "outer") {
    const trusted = "etc/ssl/certs/ca-certificates.crt";
    write(trusted, readFileSync(path.join(root, trusted), "utf8") + readFileSync(CERTIFICATES.root, "utf8"));
  }
}

type Write = (file: string, text: string, mode?: number) => void;

/** Adds what a real server often has beyond a balancer's needs: a second network, a message of the day, a listening agent. */
function inUse(write: Write, link: Write, plan: HostPlan): void {
  write(`etc/systemd/network/20-${MANAGEMENT.interface}.network`, [
    "[Match]",
    `Name=${MANAGEMENT.interface}`,
    "[Network]",
    `Address=${managementAddress(plan)}/${PREFIX_LENGTH}`,
    "LinkLocalAddressing=no",
    "ConfigureWithoutCarrier=yes",
    "IgnoreCarrierLoss=yes",
    "",
  ].join("\n"));
  write("etc/motd", `*** ${plan.name}: property of the mail team. All that you do here is logged. ***\n`);
  write("etc/systemd/system/site-agent.socket", [
    "[Unit]", "Description=Somebody's monitoring agent", "[Socket]", `ListenStream=${AGENT_PORT}`, "Accept=yes", "[Install]", "WantedBy=sockets.target", "",
  ].join("\n"));
  write("etc/systemd/system/site-agent@.service", ["[Service]", "ExecStart=/bin/echo agent", "StandardInput=socket", "StandardOutput=socket", ""].join("\n"));
  link("etc/systemd/system/sockets.target.wants/site-agent.socket", "../site-agent.socket");
}

/** The port on which an administrator's agent listens on every balancer. */
export const AGENT_PORT = 9100;
