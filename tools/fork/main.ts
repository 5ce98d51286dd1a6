import { rmSync } from "node:fs";
import { forkSource } from "./source";

// npm run fork [FOLDER]: the source of cdktn-exchange-balancer. Build and pack it there: npm install && npm run build && npm pack.

const folder = process.argv[2] ?? "cdktf.out/fork";
rmSync(folder, { recursive: true, force: true });
forkSource(folder).then(
  () => console.log(folder),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
