#!/usr/bin/env node
import { USAGE, cert } from "./cert";
import { INIT_USAGE, init } from "./init";
import { SHOW_USAGE, show } from "./show";
import { STATUS_USAGE, status } from "./status";

/** The program `npx cdktf-exchange-balancer`, with its commands `cert`, `init`, `show` and `status`. */
async function main([topic, ...args]: readonly string[]): Promise<number> {
  if (topic === "cert") return cert(args, (line) => console.log(line));
  if (topic === "init") return init(args, (line) => console.log(line));
  if (topic === "show") return show(args, (line) => console.log(line));
  if (topic === "status") return status(args, (line) => console.log(line));
  console.log(`${INIT_USAGE}\n${SHOW_USAGE}\n${STATUS_USAGE}\n${USAGE}`);
  return topic === undefined || topic === "--help" ? 0 : 2;
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  },
);
