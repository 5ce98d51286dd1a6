/** What Node alone can run; the real hosts are in test/lab/. */
module.exports = {
  rootDir: "..",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  testPathIgnorePatterns: ["<rootDir>/test/lab/"],
  testEnvironment: "node",
  // A busy machine takes a while for a key of 3072 bits.
  testTimeout: 60_000,
  // The sources, not dist/: a test must not pass on what was built yesterday.
  moduleNameMapper: {
    "^cdktf-exchange-balancer$": "<rootDir>/lib/index.ts",
    "^cdktf-exchange-balancer/testing$": "<rootDir>/lib/testing/index.ts",
  },
  transform: {
    "\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } }],
  },
};
