import { Balance, MailProtocol } from "cdktf-exchange-balancer";
import { untyped } from "../support/refused";

test.each([0, 65536, 2.5, NaN])("a mail protocol refuses port %d", (port) => {
  expect(() => MailProtocol.smtp({ port })).toThrow(
    new Error(`port must be an integer from 1 to 65535, known at synthesis, got ${port} [MailProtocol.smtp]`),
  );
  expect(() => MailProtocol.imaps({ memberPort: port })).toThrow(
    new Error(`memberPort must be an integer from 1 to 65535, known at synthesis, got ${port} [MailProtocol.imaps]`),
  );
});

test.each<[string, object, string]>([
  ["a port in text", { port: "25" }, 'port must be an integer from 1 to 65535, known at synthesis, got "25"'],
  ["a port of null", { port: null }, "port must be a value, or left out, got null"],
  ["a timeout in minutes", { idleTimeout: 15 }, "idleTimeout must be a Duration, such as Duration.seconds(15), got 15"],
  ["a balance that HAProxy does not have", { balance: "first" as Balance }, 'balance must be one of roundrobin, leastconn, source, got "first"'],
  ["a key in Python's spelling", { member_port: 2525 }, 'options must be an object of known keys, got the unknown key "member_port": did you mean memberPort?'],
])("a mail protocol refuses %s", (_, options, message) => {
  expect(() => MailProtocol.pop3(untyped(options))).toThrow(new Error(`${message} [MailProtocol.pop3]`));
});
