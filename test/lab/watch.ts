import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { inNamespace } from "./network";
import { draw } from "./picture";
import { Prometheus, PROMETHEUS_PORT, TARGETS } from "./prometheus";
import { say } from "./say";
import { GATEWAY } from "./topology";

/**
 * A Node program that relays a connection to Prometheus. It runs inside the lab's network, which this machine's network
 * cannot reach.
 */
const RELAY = `const to = require("net").connect(${PROMETHEUS_PORT}, "${GATEWAY}"); process.stdin.pipe(to).pipe(process.stdout); to.on("error", () => process.exit(1)); to.on("close", () => process.exit());`;

/**
 * Runs Prometheus in the lab for `minutes`, or until Ctrl-C. A browser on this machine can open this Prometheus. If
 * `minutes` is set, the function then draws these minutes into the file `picture`.
 */
export async function watch(minutes: number | undefined, picture: string | undefined): Promise<void> {
  const prometheus = await Prometheus.start();
  const server = createServer((client) => {
    const [program = "", ...args] = inNamespace([process.execPath, "-e", RELAY]);
    const relay = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"] });
    client.on("error", () => relay.kill());
    relay.stdin.on("error", () => client.destroy());
    client.pipe(relay.stdin);
    relay.stdout.pipe(client);
  });
  // Another port if this one is taken, because several labs may be watched.
  await new Promise<void>((resolve) => server.once("error", () => server.listen(0, "127.0.0.1", resolve)).listen(PROMETHEUS_PORT, "127.0.0.1", resolve));
  const port = (server.address() as { port: number }).port;
  say(`Prometheus:   http://127.0.0.1:${port}/alerts and http://127.0.0.1:${port}/graph`);
  for (const target of TARGETS) say(`Status page:  http://${target}/ in the lab's network`);
  if (minutes === undefined) await Promise.race([prometheus.ended, new Promise<void>((resolve) => process.once("SIGINT", () => resolve()))]);
  else await new Promise((resolve) => setTimeout(resolve, minutes * 60_000));
  if (picture !== undefined && minutes !== undefined) {
    writeFileSync(picture, await draw(prometheus, minutes * 60));
    say(`Drawn: ${picture}`);
  }
  server.close();
  await prometheus.stop();
}
