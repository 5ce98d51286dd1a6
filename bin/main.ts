import { App } from "cdktf";
import { BalancerStack } from "./balancer-stack";
import { settings } from "./settings";

const app = new App();
new BalancerStack(app, "exchange-balancer", settings);
app.synth();
