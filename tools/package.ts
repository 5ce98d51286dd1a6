import { bin, step } from "./run";

/**
 * Builds the package. jsii compiles lib/ to dist/ and writes .jsii, from which the other languages' packages are made. Then
 * the files that apps load are bundled into one file, because a hundred small files make each start 15 ms slower. The
 * bundle is at the same folder depth as the small files, because it reads lib/ by a relative path.
 */
export function buildPackage(): void {
  step("building the package", [bin("jsii"), "--silence-warnings=reserved-word"]);
  step("bundling the files that apps load", [
    bin("esbuild"), "dist/index.js", "--bundle", "--platform=node", "--packages=external", "--outfile=dist/bundle/index.js", "--log-level=warning",
  ]);
}
