import { Fn, Token } from "cdktf";
import { Monitoring, PrometheusOptions } from "../../lib/choices/monitoring";

const allow = ["10.8.5.9"];

test("Monitoring.prometheus() requires only the option `allow`, and has a default for each other option", () => {
  expect(Monitoring.prometheus({ allow })._prometheus).toEqual({ allow, port: 9101, tls: false, password: undefined, username: "prometheus", statusPageWritable: false });
});

test("the entries of the metrics port's allow list may be tokens", () => {
  expect(() => Monitoring.prometheus({ allow: [Token.asString({ resolve: () => "x" })] })).not.toThrow();
});

test.each<[string, object, string]>([
  ["an empty allow list", { allow: [] }, "allow must be at least one client that may read the metrics, got none [Monitoring.prometheus]"],
  ["an allow list that is one token", { allow: Token.asList(Fn.tolist(["10.0.0.1"])) }, "allow must be a list whose length is known at synthesis; its entries may be tokens, got"],
  ["text where an allow list is expected", { allow: "10.0.0.0/8" }, "allow must be a list"],
  ["a missing allow list", {}, "allow must be a list"],
  ["a host name in the allow list", { allow: ["prometheus.example"] }, 'allow[0] must be an IP address, such as 10.8.5.17, or a CIDR network that is written with its first address, such as 10.8.5.0/24, got "prometheus.example"'],
  ["a number in the allow list", { allow: [7] }, "allow[0] must be an IP address"],
  ["port 70000", { allow, port: 70000 }, "port must be an integer from 1 to 65535, got 70000"],
  ["a port that is a token", { allow, port: Token.asNumber({ resolve: () => 1 }) }, "port must be an integer"],
  ["a user name with a colon, because a colon separates user name and password", { allow, username: "a:b" }, 'username must be a letter or digit followed by up to 62 letters, digits, dots, dashes or underscores, got "a:b"'],
  ["a writable status page that has neither a password nor TLS", { allow, statusPageWritable: true }, "statusPageWritable must be false unless password and tls are set, got true"],
])("Monitoring.prometheus() refuses %s", (_, options, message) => {
  expect(() => Monitoring.prometheus(options as PrometheusOptions)).toThrow(message);
});
