import { gzipSync } from "node:zlib";
import { IResolveContext, TerraformLocal, TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { HostFile } from "../host/host-file";
import { HostState } from "../host/host-state";
import { renderManifest } from "../host/manifest";
import { firstBootScript } from "../host/scripts";
import { TokenCheck } from "../validation/checks";
import { refused, wrong } from "../validation/errors";
import { deferred } from "./deferred";
import { cycleThrough } from "./reference-cycle";
import { Rendered } from "./rendered";
import { shellScript } from "./shell";
import { firstBootScriptOf, knownText } from "./shell-locals";
import { argument, expressionText, unescape } from "./terraform-text";
import { lifecycle } from "./triggers";
import { Form, SizeLimit, limitInWords, sizeCode, sizeOf } from "./user-data-size";

/**
 * What the script for a host's first boot needs. `state`, `checks` and `ofTheVm` are functions that are called at
 * synthesis, because parts (HAProxy, keepalived, …) can be added until then.
 */
export interface FirstBoot {
  readonly state: () => HostState;
  readonly checks: () => readonly TokenCheck[];
  /** The user's commands that print secrets. The key is the path of the secret's file. */
  readonly secretCommands: { readonly [path: string]: string };
  readonly limit: SizeLimit;
  /**
   * Values that are known only after the VM exists, such as its address. Checks of these values cannot run before
   * Terraform creates the VM.
   */
  readonly ofTheVm: () => readonly string[];
}

/**
 * A script that contains a host's whole bundle, except secrets. cloud-init runs this script at the first boot.
 * Terraform compresses the script.
 *
 * A separate terraform_data resource checks the values and the size before Terraform creates the VM. This resource does
 * not store the user data. If it did, plans would show only "known after apply" for the user data.
 */
export class UserDataBundle {
  private readonly forms = new Map<Form, TerraformLocal>();
  private readonly text: TerraformLocal;
  private readonly check: TerraformResource;

  public constructor(
    private readonly scope: Construct,
    private readonly boot: FirstBoot,
  ) {
    const script = firstBootScriptOf(scope);
    this.text = new TerraformLocal(scope, "UserDataText", deferred((context) => this.script(script, context)));
    // cdktf's DataResource is not used here, because it looks for a terraform binary at synthesis.
    this.check = new TerraformResource(scope, "UserDataCheck", { terraformResourceType: "terraform_data" });
    this.check.addOverride("lifecycle", new Rendered((context) => ({ precondition: this.preconditions(context) })));
    scope.node.addValidation({ validate: () => this.errors() });
  }

  /** A token for the user data in the given form. */
  public form(form: Form): string {
    const there = this.forms.get(form);
    if (there !== undefined) return there.asString;
    // The value is the second entry of this list. The first entry is there only to make the VM wait for the check.
    const value = deferred((context) => expressionText(`[${this.address()}.id, ${packed(form, this.local())}][1]`, context));
    const local = new TerraformLocal(this.scope, form === "text" ? "UserData" : "UserDataBase64Gzip", value);
    this.forms.set(form, local);
    return local.asString;
  }

  private address(): string {
    return `terraform_data.${this.check.friendlyUniqueId}`;
  }

  private local(): string {
    return `local.${this.text.friendlyUniqueId}`;
  }

  private script(apply: string, context: IResolveContext): string {
    const { open, commands } = this.content();
    const packedText = (text: string): string => `base64gzip(${code(argument(text), context)})`;
    return HEAD + shellScript(["first-boot"], {
      APPLY: `base64gzip(${apply})`,
      MANIFEST: packedText(renderManifest(this.boot.state())),
      FILES: open.map(({ content }) => packedText(content)),
      SECRET_COMMANDS: commands.map((command) => `"${command}"`),
    });
  }

  private content(): { readonly open: readonly HostFile[]; readonly secret: readonly HostFile[]; readonly commands: readonly string[] } {
    const files = this.boot.state().parts.flatMap((part) => part.files);
    const secret = files.filter((file) => file.secret === true);
    const commands = secret.flatMap(({ path }) => this.boot.secretCommands[path] ?? []);
    return { open: files.filter((file) => file.secret !== true), secret, commands: commands.map((command) => Buffer.from(command).toString("base64")) };
  }

  private preconditions(context: IResolveContext): object[] {
    const checks = lifecycle(this.checksBeforeTheVm(), context).precondition ?? [];
    const { limit } = this.boot;
    const sizes = Number.isFinite(limit.bytes) ? [...this.forms.keys()] : [];
    const sizeChecks = sizes.map((form) => {
      const size = sizeCode(limit, form, packed(form, this.local()));
      // The size is not secret, even if a value in the user data is sensitive.
      const said = `nonsensitive(sensitive(${size}))`;
      return {
        condition: expressionText(`${said} <= ${limit.bytes}`, context),
        error_message: expressionText(
          `join("", [${JSON.stringify(`user data must be ${limitInWords(limit)}, got `)}, ${said}, " bytes", ${JSON.stringify(`${advice(limit, form)} [${this.scope.node.path}]`)}])`,
          context,
        ),
      };
    });
    return [...checks.map(({ condition, errorMessage }) => ({ condition: condition as string, error_message: errorMessage })), ...sizeChecks];
  }

  /**
   * The checks of the values that the user data contains. The delivery over ssh checks the rest later: the VM's own
   * address, secrets, and files on the deploying machine.
   */
  private checksBeforeTheVm(): readonly TokenCheck[] {
    const { open, secret } = this.content();
    const within = tokens([renderManifest(this.boot.state()), ...open.map(({ content }) => content)]);
    const without = new Set([...tokens([...this.boot.ofTheVm(), ...secret.map(({ content }) => content)])].filter((token) => !within.has(token)));
    return this.boot.checks().filter(({ values }) => values.length > 0 && ![...tokens(values)].some((token) => without.has(token)));
  }

  /** The errors that can be found only when the whole stack is known. */
  private errors(): string[] {
    return [...this.wrongCommands(), ...this.tooLarge(), ...this.cycle()].map(({ message }) => message);
  }

  private wrongCommands(): readonly Error[] {
    const where = this.scope.node.path;
    const given = Object.keys(this.boot.secretCommands);
    const secrets = this.content().secret.map(({ path }) => path);
    const list = secrets.length === 0 ? "left out, because this host has no secrets" : `left out, or have a command for each secret of this host (${secrets.join(", ")})`;
    const unknown = given.find((path) => !secrets.includes(path));
    if (unknown !== undefined) return [wrong(where, "secretCommands", list, `a command for the secret ${JSON.stringify(unknown)}, which this host does not have`)];
    const missing = secrets.find((path) => !given.includes(path));
    return given.length === 0 || missing === undefined ? [] : [wrong(where, "secretCommands", list, `no command for ${JSON.stringify(missing)}`)];
  }

  /**
   * Errors for user data that is too large. The size is computed from the values that are known at synthesis. The
   * computed size differs from the size in Terraform by less than 2 %, because Terraform compresses a little
   * differently. Terraform later knows all values and makes the final check.
   */
  private tooLarge(): readonly Error[] {
    const { limit } = this.boot;
    const { open, commands } = this.content();
    const texts = [renderManifest(this.boot.state()), ...open.map(({ content }) => content)].map((text) => knownText(this.scope, text));
    const about = texts.includes(undefined) ? "at least" : "about";
    texts.unshift(firstBootScript());
    const places = texts.map((_, index) => String(index));
    const script = HEAD + shellScript(["first-boot"], { APPLY: "0", MANIFEST: "1", FILES: places.slice(2), SECRET_COMMANDS: commands.map((command) => JSON.stringify(command)) });
    const whole = unescape(script.replace(/(?<!\$)\$\{(?:(\d+)|"([^"]*)")\}/g, (_: string, index: string | undefined, command: string) => (index === undefined ? command : gzip64(texts[Number(index)] ?? ""))));
    return [...this.forms.keys()].flatMap((form) => {
      const size = Math.round(sizeOf(limit, form, form === "text" ? whole : gzip64(whole)) * 0.98);
      return size <= limit.bytes ? [] : [wrong(this.scope.node.path, "user data", limitInWords(limit), `${about} ${size} bytes${advice(limit, form)}`)];
    });
  }

  private cycle(): readonly Error[] {
    const [way] = [...this.forms.values()].flatMap((local) => [cycleThrough(local) ?? []]).filter(({ length }) => length > 0);
    if (way === undefined) return [];
    const ours = /^(local\.|terraform_data\.)/;
    const things = way.filter((name) => !ours.test(name));
    return [
      refused(
        this.scope.node.path,
        `user data must not depend on the VM that receives it, but it needs ${things.join(", which needs ")}, which needs this user data. Terraform could not create any of them first. ` +
          "Use addresses that are known before the VMs exist: fixed addresses, or addresses of separate network port resources. docs/cloud-init.md has an example",
      ),
    ];
  }
}

const HEAD = "#!/bin/sh\n# Written by cdktf-exchange-balancer: configures this host at its first boot.\n";

function packed(form: Form, local: string): string {
  return form === "text" ? local : `base64gzip(${local})`;
}

/**
 * Returns the hint that base64Gzip is smaller, if user data is too large as plain text. Returns no hint for a platform
 * whose limit counts the text `as-given`. Such a platform counts the base64 of base64Gzip too, and the files in the
 * script are compressed already, so base64Gzip saves nothing there.
 */
function advice({ counts }: SizeLimit, form: Form): string {
  return form === "text" && counts !== "as-given" ? " (base64Gzip is smaller)" : "";
}

/** Terraform code for a value, without `${` and `}` around it. */
function code(text: string, context: IResolveContext): string {
  const whole = expressionText(text, context);
  return context.suppressBraces === true ? whole : whole.slice(2, -1);
}

function gzip64(text: string): string {
  return gzipSync(text).toString("base64");
}

function tokens(texts: readonly string[]): Set<string> {
  return new Set(texts.flatMap((text) => text.match(/\$\{TfToken\[[^\]]+\]\}/g) ?? []));
}
