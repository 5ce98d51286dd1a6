/**
 * A synthesized stack as the plain side gets it. Every text is already rendered
 * and escaped. Each stands once in `texts` and is named by its place there, so
 * that reading them costs the plain side little.
 */
export interface Recorded {
  readonly stack: string;
  readonly requiredVersion?: string;
  readonly texts: readonly string[];
  readonly variables: readonly RecordedVariable[];
  readonly locals: readonly { readonly id: string; readonly value: RecordedValue }[];
  /** Terraform's own resources, which decide what happens to a host that leaves. */
  readonly data: readonly RecordedData[];
  readonly resources: readonly RecordedResource[];
}

/** A text by its place in `texts`, or texts by name. */
export type RecordedValue = number | readonly (readonly [key: string, text: number])[];

export interface RecordedVariable {
  readonly id: string;
  readonly type: string;
  readonly sensitive: boolean;
}

export interface RecordedData {
  readonly id: string;
  readonly dependsOn: readonly string[];
  /** Settings for which cdktf has no prop. */
  readonly overrides: { readonly [key: string]: unknown };
}

export interface RecordedResource {
  /** The construct's path, the stack's id first. */
  readonly path: string;
  readonly triggers: RecordedValue;
  readonly connection: RecordedConnection | undefined;
  readonly provisioners: readonly RecordedProvisioner[];
  readonly preconditions: readonly { readonly condition: number; readonly message: number }[];
  /** Terraform's addresses. */
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
