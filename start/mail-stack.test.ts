import { App, Testing } from "cdktf";
import { hostFilesSerializer } from "cdktf-exchange-balancer/testing";
import { MailStack } from "./mail-stack";

expect.addSnapshotSerializer(hostFilesSerializer);

// Each host's files as text: a changed prop shows as a changed line. Accept it with `npm test -- -u`.
test("the hosts get the files that were reviewed", () => {
  expect(Testing.synth(new MailStack(new App(), "mail"), true)).toMatchSnapshot();
});
