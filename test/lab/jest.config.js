/** The lab's own suite: real hosts, one test after the other, slow ones allowed. */
module.exports = {
  rootDir: __dirname,
  testMatch: ["<rootDir>/**/*.lab.ts"],
  testEnvironment: "<rootDir>/patient-environment.js",
  // The sources; what is deployed is the package as it was built.
  moduleNameMapper: {
    "^cdktf-exchange-balancer/testing$": "<rootDir>/../../lib/testing/index.ts",
    "^cdktf-exchange-balancer$": "<rootDir>/../../lib/index.ts",
  },
  transform: { "\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } }] },
  testTimeout: 180_000,
  maxWorkers: 1,
  verbose: true,
};
