import { bin, step } from "./run";

/** jsii compiles lib/ to dist/ and writes .jsii, from which the other languages' packages are made. */
export function buildPackage(): void {
  step("building the package", [bin("jsii"), "--silence-warnings=reserved-word"]);
}
