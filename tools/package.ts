import { bin, step } from "./run";

/**
 * jsii compiles lib/ to dist/ and writes .jsii, from which the other languages' packages are made. What apps load is
 * joined to one file: a hundred small ones cost each start 15 ms more. It lies as deep as they do, since it reads lib/ from there.
 */
export function buildPackage(): void {
  step("building the package", [bin("jsii"), "--silence-warnings=reserved-word"]);
  step("bundling the files that apps load", [
    bin("esbuild"), "dist/index.js", "--bundle", "--platform=node", "--packages=external", "--outfile=dist/bundle/index.js", "--log-level=warning",
  ]);
}
