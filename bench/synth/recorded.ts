/**
 * A synthesized stack in the form that the plain side reads. Every text is already rendered and escaped. Each text is in
 * `texts` once, and other fields refer to it by its index, so that the plain side reads little.
 */
export interface Recorded {
  readonly stack: string;
  readonly requiredVersion?: string;
  readonly texts: readonly string[];
  readonly variables: readonly RecordedVariable[];
  readonly locals: readonly { readonly id: string; readonly value: RecordedValue }[];
  /** The stack's terraform_data resources, which decide what happens to a host that leaves. */
  readonly data: readonly RecordedData[];
  readonly resources: readonly RecordedResource[];
}

/** One text, or several texts with names. Each text is given by its index in `texts`. */
export type RecordedValue = number | readonly (readonly [key: string, text: number])[];

export interface RecordedVariable {
  readonly id: string;
  readonly type: string;
  readonly sensitive: boolean;
}

export interface RecordedData {
  readonly id: string;
  readonly dependsOn: readonly string[];
  /** Settings for which cdktf has no prop. The plain side sets them with `addOverride`. */
  readonly overrides: { readonly [key: string]: unknown };
}

export interface RecordedResource {
  /** The path of the construct; it begins with the id of the stack. */
  readonly path: string;
  readonly triggers: RecordedValue;
  readonly connection: RecordedConnection | undefined;
  readonly provisioners: readonly RecordedProvisioner[];
  readonly preconditions: readonly { readonly condition: number; readonly message: number }[];
  /** Addresses of Terraform resources, such as `null_resource.x`. */
  readonly dependsOn: readonly string[];
}

export interface RecordedConnection {
  readonly agent: string;
  readonly host: string;
  readonly port: number;
  readonly scriptPath: string;
  readonly timeout: string;
  readonly user: string;
}

export type RecordedProvisioner =
  | { readonly type: "file"; readonly content: number; readonly destination: number }
  | { readonly type: "remote-exec"; readonly inline: readonly number[] };
