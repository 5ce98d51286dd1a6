import { readdirSync } from "node:fs";
import { join } from "node:path";
import { TerraformStack, Testing } from "cdktf";
import { hostFilesSerializer } from "cdktf-exchange-balancer/testing";
import { Construct } from "constructs";
import { BalancerStack } from "../bin/balancer-stack";
import { settings } from "../bin/settings";
import { ArticleSslBridgeStack } from "../examples/article-ssl-bridge/main";
import { ArticleTcpStack } from "../examples/article-tcp/main";
import { BorderStack } from "../examples/border/main";
import { LabStack } from "../examples/lab/main";
import { LargerStack } from "../examples/larger-stack/main";
import { ShortestStack } from "../examples/shortest/main";
import { SiteStack, VmStack } from "../examples/two-sites/main";
import { HOST_KEY } from "./support/site";

expect.addSnapshotSerializer(hostFilesSerializer);

const LAB = {
  interface: "host0",
  virtualAddress: "198.18.0.15",
  clientNames: ["mail.lab.test", "autodiscover.lab.test"],
  suite: "bookworm",
  hosts: [
    { name: "lb01", address: "198.18.0.11", managementAddress: "198.19.0.11", hostKey: HOST_KEY },
    { name: "lb02", address: "198.18.0.12", managementAddress: "198.19.0.12", hostKey: HOST_KEY },
    { name: "exch01", address: "198.18.0.21", managementAddress: "198.19.0.21", hostKey: HOST_KEY },
    { name: "exch02", address: "198.18.0.22", managementAddress: "198.19.0.22", hostKey: HOST_KEY },
  ],
  ssh: { privateKeyPath: "/lab/login" },
  pemPath: "/lab/exchange.pem",
  caPath: "/lab/lab-root.ca",
};

const EXAMPLES: { readonly [name: string]: (scope: Construct) => TerraformStack } = {
  "article-ssl-bridge": (scope) => new ArticleSslBridgeStack(scope, "article-ssl-bridge"),
  "article-tcp": (scope) => new ArticleTcpStack(scope, "article-tcp"),
  border: (scope) => new BorderStack(scope, "border"),
  lab: (scope) => new LabStack(scope, "lab", LAB, {}),
  "larger-stack": (scope) => new LargerStack(scope, "larger-stack"),
  shortest: (scope) => new ShortestStack(scope, "shortest"),
  "two-sites": (scope) => {
    const north = new SiteStack(scope, "north", { vms: new VmStack(scope, "vms").addresses("north"), members: 3, network: "10.12.8", interface: "ens192" });
    north.prepareStack();
    return north;
  },
};

test.each(Object.entries(EXAMPLES))("the example %s synthesizes to the reviewed snapshot", (_, make) => {
  expect(Testing.synth(make(Testing.app()), true)).toMatchSnapshot();
});

test("the app of cdktf.json synthesizes to the reviewed snapshot", () => {
  expect(Testing.synth(new BalancerStack(Testing.app(), "exchange-balancer", settings), true)).toMatchSnapshot();
});

test("every example has a snapshot in this test", () => {
  expect(Object.keys(EXAMPLES)).toEqual(readdirSync(join(__dirname, "../examples")).sort());
});
