import { App } from "cdktf";
import { MailStack } from "./mail-stack";

const app = new App();
new MailStack(app, "mail");
app.synth();
