import { Recorded, RecordedProvisioner } from "./recorded";

/**
 * The parts of the library's cdk.tf.json that `record` reads and the plain side writes again. If the library began to
 * write another part, the cdk.tf.json of the two sides would differ, and the bench would stop.
 */
interface Synthesized {
  readonly "//": { readonly metadata: { readonly stackName: string } };
  readonly terraform: { readonly required_version?: string };
  readonly locals?: { readonly [id: string]: string | Texts };
  readonly variable?: { readonly [id: string]: { readonly type: string; readonly sensitive?: boolean } };
  readonly resource?: {
    readonly null_resource: { readonly [id: string]: SynthesizedResource };
    readonly terraform_data?: { readonly [id: string]: { readonly depends_on?: readonly string[]; readonly [key: string]: unknown } };
  };
}

interface Texts {
  readonly [key: string]: string;
}

interface SynthesizedResource {
  readonly "//": { readonly metadata: { readonly path: string } };
  /**
   * The triggers by name. If a local value contains the triggers, as for a bundle, this is the Terraform expression of
   * this local value.
   */
  readonly triggers: string | Texts;
  readonly connection?: {
    readonly agent: string;
    readonly host: string;
    readonly port: number;
    readonly script_path: string;
    readonly timeout: string;
    readonly user: string;
  };
  readonly provisioner?: readonly {
    readonly file?: { readonly content: string; readonly destination: string };
    readonly "remote-exec"?: { readonly inline: readonly string[] };
  }[];
  readonly lifecycle: { readonly precondition?: readonly { readonly condition: string; readonly error_message: string }[] };
  readonly depends_on?: readonly string[];
}

/** Reads the library's cdk.tf.json, and returns what the bench's plain cdktf app must create to write the same file. */
export function record(cdkTfJson: string): Recorded {
  const { "//": about, terraform, locals = {}, variable = {}, resource } = JSON.parse(cdkTfJson) as Synthesized;
  const texts = new Map<string, number>();
  const text = (value: string): number => {
    const known = texts.get(value) ?? texts.size;
    texts.set(value, known);
    return known;
  };
  const entries = (value: string | Texts): number | readonly (readonly [string, number])[] =>
    typeof value === "string" ? text(value) : Object.entries(value).map(([key, one]) => [key, text(one)] as const);
  return {
    stack: about.metadata.stackName,
    requiredVersion: terraform.required_version,
    variables: Object.entries(variable).map(([id, { type, sensitive = false }]) => ({ id, type, sensitive })),
    locals: Object.entries(locals).map(([id, value]) => ({ id, value: entries(value) })),
    data: Object.entries(resource?.terraform_data ?? {}).map(([id, { depends_on: dependsOn = [], ...one }]) => ({
      id,
      dependsOn,
      // In the library's order, because cdktf writes the order at the beginning of the file.
      overrides: Object.fromEntries(["for_each", "input", "connection", "provisioner"].map((key) => [key, one[key]])),
    })),
    resources: Object.values(resource?.null_resource ?? {}).map((one) => ({
      path: one["//"].metadata.path,
      triggers: entries(one.triggers),
      connection: one.connection && {
        agent: one.connection.agent,
        host: one.connection.host,
        port: one.connection.port,
        scriptPath: one.connection.script_path,
        timeout: one.connection.timeout,
        user: one.connection.user,
      },
      provisioners: (one.provisioner ?? []).map(({ file, "remote-exec": remoteExec }): RecordedProvisioner =>
        file === undefined
          ? { type: "remote-exec", inline: (remoteExec?.inline ?? []).map(text) }
          : { type: "file", content: text(file.content), destination: text(file.destination) },
      ),
      preconditions: (one.lifecycle.precondition ?? []).map(({ condition, error_message }) => ({
        condition: text(condition),
        message: text(error_message),
      })),
      dependsOn: one.depends_on ?? [],
    })),
    texts: [...texts.keys()],
  };
}
