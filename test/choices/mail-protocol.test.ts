import { Balance, MailProtocol } from "cdktf-exchange-balancer";
import { untyped } from "../support/refused";

test.each([0, 65536, 2.5, NaN])("MailProtocol refuses %d as the port for clients, and as the port of the members", (port) => {
  expect(() => MailProtocol.smtp({ port })).toThrow(
    new Error(`port must be an integer from 1 to 65535, known at synthesis, got ${port} [MailProtocol.smtp]`),
  );
  expect(() => MailProtocol.imaps({ memberPort: port })).toThrow(
    new Error(`memberPort must be an integer from 1 to 65535, known at synthesis, got ${port} [MailProtocol.imaps]`),
  );
});

test.each<[string, object, string]>([
  ["text where a port number is expected", { port: "25" }, 'port must be an integer from 1 to 65535, known at synthesis, got "25"'],
  ["null where a port number is expected", { port: null }, "port must be a value, or left out, got null"],
  ["a number where a Duration is expected", { idleTimeout: 15 }, "idleTimeout must be a Duration, such as Duration.seconds(15), got 15"],
  ["an unknown balance", { balance: "first" as Balance }, 'balance must be one of roundrobin, leastconn, source, got "first"'],
  ["an option name in snake_case", { member_port: 2525 }, 'options must be an object of known keys, got the unknown key "member_port": did you mean memberPort?'],
])("MailProtocol.pop3() refuses %s", (_, options, message) => {
  expect(() => MailProtocol.pop3(untyped(options))).toThrow(new Error(`${message} [MailProtocol.pop3]`));
});
