import { HealthCheck } from "cdktf-exchange-balancer";
import { untyped } from "../support/refused";

test.each(["owa", "/a b", "/a\r\nb", "/a#b", "", null, 5, ["/owa"]])("HealthCheck.httpGet() refuses the path %j", (path) => {
  expect(() => HealthCheck.httpGet(untyped(path))).toThrow(/^path must be a path such as [/]owa[/]healthcheck[.]htm, got .* \[HealthCheck[.]httpGet\]$/);
});
