import { join } from "node:path";
import { Visit } from "./stranger";

/**
 * Creates the examples' certificate with the package's own cert command: exch.pem, exch.crt, exch.key and
 * mydomain-root.ca in the given folder.
 */
export async function certificate(project: Visit, folder: string, names: readonly string[] = ["mail.mydomain.local", "autodiscover.mydomain.local"]): Promise<void> {
  const command = `node ${join(project.folder, "node_modules/cdktf-exchange-balancer/dist/command/main.js")} cert`;
  await project.in(".").line([
    `cd ${folder}`,
    `${command} ca --common-name Root --out mydomain-root`,
    `${command} request ${names.map((name) => `--name ${name}`).join(" ")} --out exch`,
    `${command} issue --csr exch.csr --ca mydomain-root.ca --ca-key mydomain-root.key --out exch.crt`,
    `${command} bundle --cert exch.crt --key exch.key --root mydomain-root.ca --pem exch.pem`,
  ].join(" && "));
}
