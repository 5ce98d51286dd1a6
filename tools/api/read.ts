import { readFileSync } from "node:fs";
import { Assembly } from "@jsii/spec";
import { Api, apiOf } from "./assembly";

/** The API of the package that was built last, from its .jsii file. */
export function readApi(): Api {
  return apiOf(JSON.parse(readFileSync(".jsii", "utf8")) as Assembly);
}
