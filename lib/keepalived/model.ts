/** One node's keepalived, with every decision taken. Addresses may hold Terraform tokens. */
export interface KeepalivedModel {
  readonly instanceName: string;
  readonly state: "MASTER" | "BACKUP";
  readonly interface: string;
  readonly virtualRouterId: number;
  readonly priority: number;
  /** Seconds between two advertisements. */
  readonly advertInt: number;
  /** The file with the auth_pass line; the password is in no other. */
  readonly authFile: string;
  readonly virtualAddresses: readonly string[];
  readonly check: {
    readonly script: string;
    readonly port: number;
    /** Seconds from one run to the next. */
    readonly interval: number;
    /** Seconds after which a run that hangs counts as failed. */
    readonly timeout: number;
  };
}
