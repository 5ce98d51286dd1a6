import { App, TerraformStack } from "cdktf";
import { ArticleSslBridgeStack } from "../../../examples/article-ssl-bridge/main";
import { report } from "./report";
import { SitesStack } from "./sites";

/**
 * This program is the library's side of the comparison. It is called as `node library.js empty`,
 * `node library.js article` or `node library.js sites PAIRS`.
 */
const [what, pairs] = process.argv.slice(2);
const app = new App();
if (what === "article") new ArticleSslBridgeStack(app, "bench");
else if (what === "sites") new SitesStack(app, "bench", Number(pairs));
else new TerraformStack(app, "bench");
app.synth();
report();
