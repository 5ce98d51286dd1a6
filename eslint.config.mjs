import { readdirSync } from "node:fs";
import js from "@eslint/js";
import tseslint from "typescript-eslint";

/**
 * Which room of lib/ may import which: arrows go down only, from constructs to choices to models. Each room lists all that
 * it may have from other rooms; a construct may have anything. `types` are classes of which it may have the type alone.
 */
const ROOMS = {
  validation: { from: [], packages: ["cdktf", "constructs"] },
  haproxy: { from: ["monitoring/"], packages: [] },
  keepalived: { from: [], packages: [] },
  monitoring: { from: ["haproxy/section"], packages: [] },
  host: { from: ["haproxy/versions", "keepalived/versions", "validation/errors"], packages: [] },
  delivery: { from: ["host/", "validation/"], packages: ["cdktf", "constructs", "@cdktf/provider-null"] },
  choices: { from: ["haproxy/", "keepalived/", "monitoring/", "host/systems", "validation/"], packages: ["cdktf", "constructs"], types: ["ssl-bridge-cert"] },
  certificate: { from: ["validation/"], packages: ["@peculiar/x509", "reflect-metadata"] },
  review: { from: [], packages: ["cdktf", "constructs"] },
  command: { from: ["certificate/", "delivery/logins", "review/", "testing/", "validation/"], packages: [] },
  // terraform-text for `unescape`, the way back from its `literal`.
  testing: { from: ["delivery/keys", "delivery/terraform-text"], packages: [] },
};

/** Folders of large constructs, which may have anything, as the files in lib/ itself may. */
const CONSTRUCTS = ["border", "haproxy-node"];

const unknown = readdirSync("lib", { withFileTypes: true }).find((entry) => entry.isDirectory() && !CONSTRUCTS.includes(entry.name) && !(entry.name in ROOMS));
if (unknown !== undefined) throw new Error(`lib/${unknown.name} needs a row in ROOMS (eslint.config.mjs): what it may import`);

const either = (words) => words.map((word) => word.replace(/[/]$/, "/.+")).join("|") || "^";

function room([name, { from, packages, types = [] }]) {
  const message = `lib/${name} may import ${[...from, ...packages].join(", ") || "nothing from elsewhere"}: see ROOMS in eslint.config.mjs`;
  const patterns = [
    // However many folders up: no room is inside another.
    { regex: `^([.][.]/)+(?!(${either([...from, ...types])})$)`, message },
    ...types.map((type) => ({ regex: `^([.][.]/)+${type}$`, allowTypeImports: true, message: `lib/${name} may import types of ${type}, not the class.` })),
    { regex: `^(?![.]|node:|(${either(packages)})(/|$))`, message },
  ];
  return { files: [`lib/${name}/**/*.ts`, `lib/${name}.ts`], rules: { "@typescript-eslint/no-restricted-imports": ["error", { patterns }] } };
}

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "cdktf.out/", "coverage/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: "./tsconfig.dev.json" } },
    rules: {
      "@typescript-eslint/explicit-function-return-type": ["error", { allowExpressions: true }],
      "@typescript-eslint/no-unnecessary-condition": "error",
    },
  },
  ...Object.entries(ROOMS).map(room),
  // How Terraform logs in is a choice that only delivery can put into words.
  room(["choices/ssh-access", { from: [...ROOMS.choices.from, "delivery/known-hosts", "delivery/local-file", "delivery/terraform-text"], packages: ROOMS.choices.packages }]),
  {
    files: ["examples/**/*.ts", "start/**/*.ts", "bin/**/*.ts"],
    rules: { "@typescript-eslint/no-restricted-imports": ["error", { patterns: [{ regex: "^[.].*/lib(/|$)", message: "Use the public entry point." }] }] },
  },
  {
    files: ["lib/**/*.ts"],
    ignores: ["lib/validation/errors.ts"],
    rules: {
      "no-restricted-syntax": ["error", { selector: "NewExpression[callee.name=/Error$/]", message: "Errors have one form: lib/validation/errors.ts." }],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      // Text of a template's source. Its || is an empty alternative, so such an expression matches anything.
      "no-restricted-syntax": ["error", { selector: "Literal[regex.pattern=/(^|[^$\\\\])\\$\\{[^}]/]", message: "A regular expression has no ${...}: write what the message says." }],
    },
  },
  { files: ["**/*.js"], languageOptions: { sourceType: "commonjs", globals: { module: "writable", require: "readonly", process: "readonly", __dirname: "readonly" } } },
);
