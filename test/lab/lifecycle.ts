import { existsSync } from "node:fs";
import { removeTree } from "./cache";
import { makeCertificates } from "./certificates";
import { processesOf } from "./cgroup";
import { installElTools } from "./el-host";
import { writeFacts } from "./facts";
import { installHostTools } from "./host-tools";
import { allowInotify } from "./inotify";
import { makeKeys } from "./keys";
import { alone } from "./lock";
import { hasCurrentDisk, isOn, makeDisk, powerOff, powerOn, waitUntilBooted } from "./machine";
import { networkDown, networkIsUp, networkUp } from "./network";
import { type NullProvider, nullProvider } from "./null-provider";
import { packageRepository } from "./package-repository";
import { CACHE, FACTS, inState, STATE } from "./paths";
import { clientRoot, exchangeRoot, haveExchange } from "./root-fs";
import { say, step } from "./say";
import { balancerSuite, settleSuite } from "./suites";
import { SYSTEMS } from "./systems";
import { sayTerraform, terraformBinary } from "./terraform-binary";
import { BORDER_HOSTS, CLIENT_NAMES, fqdn, HOSTS, type HostPlan, VIRTUAL_ADDRESS } from "./topology";

/** The hosts of this lab. The Exchange servers are left out if the files of the Exchange stand-in are missing. */
export const presentHosts = (): readonly HostPlan[] => HOSTS.filter((plan) => plan.kind !== "exchange" || haveExchange());

/** Whether everything that `up` makes exists and runs. */
export async function isUp(): Promise<boolean> {
  return existsSync(FACTS) && (await networkIsUp()) && presentHosts().every(isOn);
}

export const up = (): Promise<void> => alone(bringUp);
export const down = (): Promise<void> => alone(takeDown);

/** Takes the lab down, and removes everything that it has built. */
export const clean = (): Promise<void> => alone(async () => {
  await takeDown();
  await step(`Removing the cache ${CACHE}`, () => removeTree(CACHE));
});

async function bringUp(): Promise<void> {
  await installHostTools();
  allowInotify();
  const suite = settleSuite();
  if (SYSTEMS[suite].el !== undefined) await installElTools();
  if (!haveExchange()) say("test/lab/exchange/install.sh does not exist, so the lab starts without exch01 and exch02.");

  const terraformAndProvider = async (): Promise<{ terraform: string; provider: NullProvider }> => {
    const terraform = await terraformBinary();
    return { terraform, provider: await nullProvider(terraform) };
  };
  const [{ terraform, provider }] = await Promise.all([
    terraformAndProvider(),
    packageRepository(suite),
    clientRoot(),
    ...(haveExchange() ? [exchangeRoot()] : []),
  ]);

  await makeKeys();
  await makeCertificates();
  const wasUp = await isUp();
  await networkUp();
  const todo = (await Promise.all(presentHosts().map(async (plan) => ({ plan, current: await hasCurrentDisk(plan) }))))
    .filter(({ plan, current }) => !isOn(plan) || !current);
  if (wasUp && todo.length === 0) {
    say("The lab is up already.");
  } else if (todo.length > 0) {
    // If the Terraform state says that a bare host has everything, the next deploy does nothing on this host.
    if (todo.some(({ plan, current }) => plan.kind === "balancer" && !current)) await removeTree(inState("deploy"));
    await step(`Booting ${todo.map(({ plan }) => plan.name).join(", ")}`, () => Promise.all(todo.map(async ({ plan, current }) => {
      await powerOff(plan);
      // A disk that survived a crash or a reboot of this machine boots as a real host's disk would.
      if (!current) await makeDisk(plan);
      await powerOn(plan);
      const failed = await waitUntilBooted(plan);
      say(`${plan.name} is up${failed.length === 0 ? "" : `, but these units failed: ${failed.join(", ")}`}`);
    })));
  }
  await writeFacts(terraform, provider);
  report();
  await sayTerraform(terraform);
  say(provider.kind === "real"
    ? "Null provider: the real one from the registry."
    : "Null provider: the lab's imitation, because this machine cannot reach the registry that has the real one.");
}

function report(): void {
  say(`  balancers: ${SYSTEMS[balancerSuite()].means}`);
  for (const plan of presentHosts()) say(`  ${fqdn(plan).padEnd(18)} ${plan.address}${isOn(plan) ? "" : "  (off)"}`);
  say(`  ${"virtual address".padEnd(18)} ${VIRTUAL_ADDRESS}  (${CLIENT_NAMES.join(", ")})`);
}

async function takeDown(): Promise<void> {
  const all = [...HOSTS, ...BORDER_HOSTS];
  const running = all.filter((plan) => processesOf(plan.name).length > 0);
  if (running.length === 0 && !existsSync(STATE) && !(await networkIsUp())) {
    say("The lab is down already.");
    return;
  }
  await step("Taking the lab down", async () => {
    await Promise.all(all.map(powerOff));
    await networkDown();
    await removeTree(STATE);
  });
  say(`Everything is removed except the cache, ${CACHE}.`);
}

export async function status(): Promise<boolean> {
  if (!existsSync(STATE) && !(await networkIsUp())) {
    say("The lab is down.");
    return false;
  }
  say((await isUp()) ? "The lab is up." : 'Only a part of the lab is up. Run "npm run lab -- up" to start the rest.');
  report();
  if (existsSync(FACTS)) say(`Facts for tests and examples: ${FACTS}`);
  return isUp();
}
