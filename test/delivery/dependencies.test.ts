import { App, DataResource, ITerraformDependable, TerraformDataSource, TerraformHclModule, TerraformResource, TerraformStack, TerraformVariable, Testing } from "cdktf";
import { Construct, DependencyGroup } from "constructs";
import { BalancingMode, ExchangeDag, HaproxyNode, KeepalivedPair, OsProfile, SshAccess } from "cdktf-exchange-balancer";
import { ARTICLE_DAG, balancerStack, newStack, synth } from "../support/site";
import { BACKUP, MASTER, MASTER_SECRETS, synthesized, waitsFor, withoutHash } from "../support/synthesized";

const OURS = [BACKUP, "Mail_Backup_Secrets", MASTER, MASTER_SECRETS];

/** A resource of the user's own, such as a VM. */
function vm(scope: Construct, id = "Vm"): TerraformResource {
  return new TerraformResource(scope, id, { terraformResourceType: "terraform_data" });
}

function dependsOn(stack: TerraformStack, name: string, type: "resource" | "data" | "module" = "resource"): string[] {
  const all = JSON.parse(synth(stack)) as { [type: string]: { [type: string]: { depends_on?: string[] } & { [name: string]: { depends_on?: string[] } } } };
  const one = type === "module" ? all.module?.[name] : Object.values(all[type] ?? {}).find((named) => name in named)?.[name];
  return (one?.depends_on ?? []).map(withoutHash);
}

describe("the prop dependsOn", () => {
  test("dependsOn of a balancer makes both nodes and their secrets wait for the given resource", () => {
    const { stack } = balancerStack({ balancer: (within) => ({ dependsOn: [vm(within)] }) });
    for (const name of OURS) expect(waitsFor(stack, name)).toContain("terraform_data.Vm");
  });

  test("dependsOn of one node makes only that node wait", () => {
    const stack = newStack();
    const common = { dag: new ExchangeDag(stack, "Dag", ARTICLE_DAG), mode: BalancingMode.tcp(), os: OsProfile.DEBIAN_12, ssh: SshAccess.agent() };
    new HaproxyNode(stack, "One", { ...common, host: "10.12.8.11", dependsOn: [vm(stack)] });
    new HaproxyNode(stack, "Two", { ...common, host: "10.12.8.12" });
    expect(waitsFor(stack, "One_Provision")).toContain("terraform_data.Vm");
    expect(waitsFor(stack, "Two_Provision")).not.toContain("terraform_data.Vm");
  });

  test("dependsOn of a pair makes both nodes wait", () => {
    const stack = newStack();
    const common = { dag: new ExchangeDag(stack, "Dag", ARTICLE_DAG), mode: BalancingMode.tcp(), os: OsProfile.DEBIAN_12, ssh: SshAccess.agent() };
    const [master, backup] = [new HaproxyNode(stack, "One", { ...common, host: "10.12.8.11" }), new HaproxyNode(stack, "Two", { ...common, host: "10.12.8.12" })];
    new KeepalivedPair(stack, "Vip", { master, backup, interface: "ens192", virtualAddresses: ["10.12.8.15/24"], virtualRouterId: 233, dependsOn: [vm(stack)] });
    for (const name of ["One_Provision", "Two_Provision"]) expect(waitsFor(stack, name)).toContain("terraform_data.Vm");
  });

  test("no resource depends on a host's _Delivered resource, because otherwise the old copy of the host's files would stay in the state if the deploy of another host fails", () => {
    const { stack, balancer } = balancerStack();
    vm(stack).node.addDependency(balancer);
    new HaproxyNode(stack, "Later", {
      dag: new ExchangeDag(stack, "OtherDag", ARTICLE_DAG), mode: BalancingMode.tcp(), os: OsProfile.DEBIAN_12, ssh: SshAccess.agent(),
      host: "10.12.8.21", dependsOn: [balancer],
    });
    const { null_resource: ours, terraform_data: others } = synthesized(stack).resource;
    const waits = Object.values({ ...ours, ...others }).flatMap(({ depends_on: on = [] }) => on);
    expect(waits.filter((address) => address.includes("Mail_Master_Provision")).length).toBeGreaterThan(2);
    expect(waits.filter((address) => address.includes("_Delivered_"))).toEqual([]);
  });

  test("dependsOn of a node accepts a balancer, and the node then waits for both nodes of the balancer", () => {
    const { stack, balancer } = balancerStack();
    new HaproxyNode(stack, "Later", {
      dag: new ExchangeDag(stack, "OtherDag", ARTICLE_DAG), mode: BalancingMode.tcp(), os: OsProfile.DEBIAN_12, ssh: SshAccess.agent(),
      host: "10.12.8.21", dependsOn: [balancer],
    });
    expect(waitsFor(stack, "Later_Provision")).toEqual(expect.arrayContaining([`null_resource.${BACKUP}`, `null_resource.${MASTER}`]));
  });

  test.each([
    ["text", ["null_resource.x"], 'dependsOn[0] must be a resource, a data source, a module, or a host or balancer of this library, got "null_resource.x" [Stack/Mail/Master]'],
    ["an empty object where a list is expected", vmLess(), "dependsOn must be a list, got an empty object [Stack/Mail/Master]"],
  ])("dependsOn refuses %s", (_, given, message) => {
    expect(() => balancerStack({ balancer: { dependsOn: given as unknown as ITerraformDependable[] } })).toThrow(message);
  });
});

function vmLess(): object {
  return {};
}

describe("a resource that depends on a balancer", () => {
  const all = [["the balancer", (it: Built): ITerraformDependable => it.balancer], ["its pair", (it: Built): ITerraformDependable => it.balancer.vip], ["its master", (it: Built): ITerraformDependable => it.balancer.master]] as const;

  test.each(all)("a resource that depends on %s waits for the delivery of the master node, because this delivery is the last", (_, of) => {
    const built = balancerStack();
    new TerraformResource(built.stack, "Later", { terraformResourceType: "terraform_data", dependsOn: [of(built)] });
    expect(dependsOn(built.stack, "Later")).toEqual([`null_resource.${MASTER}`]);
  });

  test("a resource that depends on balancer.deployed waits for both nodes", () => {
    const { stack, balancer } = balancerStack();
    new TerraformResource(stack, "Later", { terraformResourceType: "terraform_data", dependsOn: balancer.deployed });
    expect(dependsOn(stack, "Later")).toEqual([`null_resource.${BACKUP}`, `null_resource.${MASTER}`]);
  });
});

type Built = ReturnType<typeof balancerStack>;

describe("node.addDependency()", () => {
  test("node.addDependency() of a balancer makes both nodes and their secrets wait for the given resource", () => {
    const { stack, balancer } = balancerStack();
    balancer.node.addDependency(vm(stack));
    for (const name of OURS) expect(waitsFor(stack, name)).toContain("terraform_data.Vm");
  });

  test("node.addDependency() of a node, or of the node's balancer, makes the node wait for the given resource", () => {
    for (const from of [(it: Built): Construct => it.balancer.backup, (it: Built): Construct => it.balancer]) {
      const built = balancerStack();
      from(built).node.addDependency(vm(built.stack));
      expect(waitsFor(built.stack, BACKUP)).toContain("terraform_data.Vm");
    }
  });

  test("scope.node.addDependency(balancer) makes every resource, data source and module in the scope wait for the balancer", () => {
    const { stack, balancer } = balancerStack();
    const scope = new Construct(stack, "Other");
    const nested = new Construct(scope, "Nested");
    vm(nested, "Deep").overrideLogicalId("Deep");
    new TerraformDataSource(scope, "Data", { terraformResourceType: "external" }).overrideLogicalId("Data");
    new TerraformHclModule(scope, "Module", { source: "registry/module" }).overrideLogicalId("Module");
    scope.node.addDependency(balancer);
    const expected = expect.arrayContaining([`null_resource.${MASTER}`, `null_resource.${BACKUP}`]) as unknown;
    expect(dependsOn(stack, "Deep")).toEqual(expected);
    expect(dependsOn(stack, "Data", "data")).toEqual(expected);
    expect(dependsOn(stack, "Module", "module")).toEqual(expected);
  });

  test("balancer.node.addDependency(scope) makes the balancer wait for the scope's resources, data sources and modules, but not for its variables", () => {
    const { stack, balancer } = balancerStack();
    const scope = new Construct(stack, "Other");
    vm(scope, "Deep").overrideLogicalId("Deep");
    new TerraformDataSource(scope, "Data", { terraformResourceType: "external" }).overrideLogicalId("Data");
    new TerraformHclModule(scope, "Module", { source: "registry/module" }).overrideLogicalId("Module");
    new TerraformVariable(scope, "Variable", { type: "string" });
    balancer.node.addDependency(scope);
    expect(waitsFor(stack, BACKUP)).toEqual(expect.arrayContaining(["terraform_data.Deep", "data.external.Data", "module.Module"]));
    expect(waitsFor(stack, BACKUP).filter((name) => name.startsWith("var"))).toEqual([]);
  });

  test("node.addDependency() accepts a DependencyGroup, and a repeated dependency or a second synthesis does not change the result", () => {
    const { stack, balancer } = balancerStack();
    const group = new DependencyGroup(vm(stack, "A"), vm(stack, "B"));
    balancer.node.addDependency(group, group);
    synthesized(stack);
    const names = waitsFor(stack, BACKUP);
    expect(names.filter((name) => name.startsWith("terraform_data.") && !name.includes("leave"))).toEqual(["terraform_data.A", "terraform_data.B"]);
  });

  test("node.addDependency() adds no depends_on between constructs that contain no host of this library", () => {
    const { stack } = balancerStack();
    vm(stack, "A").node.addDependency(vm(stack, "B"));
    expect(dependsOn(stack, "A")).toEqual([]);
  });

  test("node.addDependency() refuses a construct's own scope or child", () => {
    for (const [one, other] of [[(it: Built): Construct => it.stack, (it: Built): Construct => it.balancer], [(it: Built): Construct => it.balancer.master, (it: Built): Construct => it.balancer]] as const) {
      const built = balancerStack();
      one(built).node.addDependency(other(built));
      expect(() => synth(built.stack)).toThrow(
        `node.addDependency() must be given a construct that neither contains this one nor is contained in it, got "${other(built).node.path}" [${one(built).node.path}]`,
      );
    }
  });

  test("node.addDependency() refuses to make the backup node of a pair wait for the master node", () => {
    const { stack, balancer } = balancerStack();
    balancer.backup.node.addDependency(balancer.master);
    expect(() => synth(stack)).toThrow(/node\.addDependency\(\) must be given a construct that does not wait for Stack\/Mail\/Backup\/\w+, got "Stack\/Mail\/Master\/Provision" \[Stack\/Mail\/Backup\]/);
  });

  test("node.addDependency() refuses two constructs that would wait for each other", () => {
    const { stack, balancer } = balancerStack();
    const other = vm(stack);
    other.node.addDependency(balancer);
    balancer.node.addDependency(other);
    expect(() => synth(stack)).toThrow("must be given a construct that does not wait for");
  });

  describe("node.addDependency() between two stacks", () => {
    const two = (): { app: App; earlier: TerraformStack; later: Built; manifest: () => { stacks: { [name: string]: { dependencies: string[] } } } } => {
      const earlier = newStack();
      const app = earlier.node.root as App;
      const stack = new TerraformStack(app, "Later");
      const later = balancerStack({}, stack);
      return { app, earlier, later, manifest: () => { app.synth(); return app.manifest.buildManifest(); } };
    };

    test("if a balancer depends on a resource in another stack, the balancer's stack waits for that stack", () => {
      const { earlier, later, manifest } = two();
      later.balancer.node.addDependency(vm(earlier));
      expect(manifest().stacks.Later?.dependencies).toEqual(["Stack"]);
    });

    test("if a resource depends on a balancer in another stack, the resource's stack waits for the balancer's stack, even if the resource's stack is created first", () => {
      const { earlier, later, manifest } = two();
      vm(earlier).node.addDependency(later.balancer);
      expect(manifest().stacks.Stack?.dependencies).toEqual(["Later"]);
      expect(Testing.synth(earlier)).not.toContain("depends_on");
    });
  });
});

test("the library does not use cdktf's terraform_data resource, because that resource runs the terraform program during synthesis", () => {
  const { stack } = balancerStack();
  expect(stack.node.findAll().filter((construct) => construct instanceof DataResource)).toEqual([]);
});
