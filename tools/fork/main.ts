import { rmSync } from "node:fs";
import { forkSource } from "./source";

// npm run fork [FOLDER]: the source of cdktn-exchange-balancer. Build, test and pack it there as here: npm install && npm test && npm pack.

const folder = process.argv[2] ?? "cdktf.out/fork";
rmSync(folder, { recursive: true, force: true });
forkSource(folder).then(
  () => console.log(folder),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
