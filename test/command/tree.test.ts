import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drawn, folders, writeFolders } from "../../lib/command/tree";
import { ReviewModel } from "../../lib/review/model";
import { REVIEW_FOLDER } from "../../lib/review/notes";
import { TerraformStack, Testing } from "cdktf";
import { balancerStack, synth, variable } from "../support/site";

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "show-"));
});
afterEach(() => {
  delete process.env[REVIEW_FOLDER];
  rmSync(scratch, { recursive: true });
});

/** Synthesizes the stack in the same way as cdktf, so that the text contains the construct path of each resource. */
const full = (stack: TerraformStack): string => readFileSync(join(Testing.fullSynth(stack), "stacks", "Stack", "cdk.tf.json"), "utf8");

const files = (folder: string): readonly string[] => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).sort();

test("the file tree of the command `show` contains a file once if both hosts have the same file, and twice if the hosts have different files", () => {
  writeFolders(folders(full(balancerStack().stack)), scratch);
  expect(files(scratch).filter((file) => file.endsWith("haproxy.cfg"))).toEqual(["Mail/etc/haproxy/haproxy.cfg"]);
  expect(files(scratch).filter((file) => file.endsWith("keepalived.conf"))).toEqual(["Mail/Backup/etc/keepalived/keepalived.conf", "Mail/Master/etc/keepalived/keepalived.conf"]);
});

test("the file tree of the command `show` contains no secret file", () => {
  writeFolders(folders(full(balancerStack().stack)), scratch);
  expect(files(scratch).filter((file) => /pem$|auth$/.test(file))).toEqual([]);
});

test("a change of the prop `retries` changes exactly one line of the file tree", () => {
  const lines = (retries: number): readonly string[] => {
    writeFolders(folders(full(balancerStack({ balancer: { retries } }).stack)), scratch);
    return files(scratch).flatMap((file) => readFileSync(join(scratch, file), "utf8").split("\n").map((line) => `${file}: ${line}`));
  };
  const before = lines(3);
  expect(lines(4).filter((line) => !before.includes(line))).toEqual([expect.stringMatching(/haproxy\.cfg: +retries +4$/)]);
});

test("the folders of the file tree keep their names if addresses change or are tokens", () => {
  const names = (stack: TerraformStack): readonly string[] => folders(full(stack)).map(({ name }) => name);
  const usual = names(balancerStack().stack);
  expect(usual).toEqual(["Mail", "Mail/Backup", "Mail/Master"]);
  expect(names(balancerStack({ balancer: (stack) => ({ master: { host: variable(stack, "lb01") } }) }).stack)).toEqual(usual);
});

test("the drawn file tree shows each file's mode, and also the number of lines or, for a secret file, the word secret", () => {
  const [common] = folders(full(balancerStack().stack));
  expect(common === undefined ? "" : drawn(common)).toMatch(/^Mail {2}\(10\.12\.8\.12, 10\.12\.8\.11\)\n {2}etc\/\n {4}haproxy\/\n/);
  expect(common === undefined ? "" : drawn(common)).toMatch(/exch\.pem +0600 {2}secret\n/);
  expect(common === undefined ? "" : drawn(common)).toMatch(/haproxy_smtp_whitelist\.lst +0644 {2}1 line\n/);
});

describe("the data for REVIEW.md", () => {
  const notes = (stack: TerraformStack): readonly ReviewModel[] => {
    synth(stack);
    return JSON.parse(readFileSync(join(scratch, "Stack.json"), "utf8")) as readonly ReviewModel[];
  };

  test("synthesis writes the review data if the environment variable CDKTF_EXCHANGE_BALANCER_REVIEW is set", () => {
    process.env[REVIEW_FOLDER] = scratch;
    const [model, ...others] = notes(balancerStack().stack);
    expect(others).toEqual([]);
    expect(model).toMatchObject({
      path: "Stack/Mail",
      groups: [{ ipv4: ["10.12.8.15"], holder: "Master" }],
      nodes: [{ role: "Master", host: "10.12.8.11", vrrpAddress: "10.12.8.11" }, { role: "Backup" }],
      members: [{ name: "exch01", weight: 75, state: "ready" }, { name: "exch02", weight: 25 }],
      services: expect.arrayContaining([expect.objectContaining({ name: "smtp", port: 25, allow: ["10.8.5.17/32"] })]) as unknown,
    });
  });

  test("the review data contain Terraform's expression in place of each value that Terraform fills in", () => {
    process.env[REVIEW_FOLDER] = scratch;
    const [model] = notes(balancerStack({ balancer: (stack) => ({ virtualAddresses: [variable(stack, "vip")] }) }).stack);
    expect(model?.groups[0]?.ipv4).toEqual(["${var.vip}"]);
  });

  test("synthesis writes no review data if the environment variable CDKTF_EXCHANGE_BALANCER_REVIEW is not set", () => {
    synth(balancerStack().stack);
    expect(readdirSync(scratch)).toEqual([]);
  });
});
