import { LEAVING, TRIGGER } from "./keys";
import { unescape } from "./terraform-text";

/** How to log in to a host with ssh. */
export interface Login {
  readonly host: string;
  readonly user: string;
  readonly port: number;
  /** The private key file. If undefined, the keys of the ssh agent are used. */
  readonly keyFile?: string;
  readonly certificate?: string;
  readonly agentIdentity?: string;
  readonly hostKey?: string;
}

/** A host of a synthesized stack. */
export interface HostLogin extends Login {
  /** True if the host has `away: true` in the stack. The host is then out of order for now. */
  readonly away: boolean;
  readonly bastion?: Login;
  /** The names of this host's fields, such as `host`, whose values only Terraform knows. */
  readonly unknown: readonly string[];
}

type Noted = { readonly [name: string]: string | number | null };

interface Synthesized {
  readonly resource?: {
    readonly terraform_data?: { readonly [LEAVING]?: { readonly for_each: { readonly [key: string]: Noted } } };
    readonly null_resource?: { readonly [name: string]: { readonly count?: number; readonly triggers?: { readonly [key: string]: string } } };
  };
}

/** Returns the hosts of a stack. `synthesized` is the text of the stack's cdk.tf.json. */
export function hostLogins(synthesized: string): readonly HostLogin[] {
  const { resource } = JSON.parse(synthesized) as Synthesized;
  const away = new Set(
    Object.values(resource?.null_resource ?? {}).filter(({ count }) => count === 0).map(({ triggers }) => triggers?.[TRIGGER.host]),
  );
  return Object.values(resource?.terraform_data?.[LEAVING]?.for_each ?? {}).map((noted) => login(noted, away.has(String(noted["host"]))));
}

function login(noted: Noted, away: boolean): HostLogin {
  const text = (name: string): string | undefined => (noted[name] === null || noted[name] === undefined ? undefined : unescape(String(noted[name])));
  const bastion = text("bastion_host");
  return {
    host: text("host") ?? "",
    away,
    user: text("user") ?? "root",
    port: Number(noted["port"] ?? 22),
    keyFile: text("key_file"),
    certificate: text("certificate"),
    agentIdentity: text("agent_identity"),
    hostKey: text("host_key"),
    ...(bastion === undefined
      ? {}
      : {
          bastion: {
            host: bastion,
            user: text("bastion_user") ?? "root",
            port: Number(noted["bastion_port"] ?? 22),
            hostKey: text("bastion_host_key"),
            keyFile: text("bastion_key_file"),
            certificate: text("bastion_certificate"),
          },
        }),
    unknown: Object.keys(noted).filter((name) => !["identity", "policy"].includes(name) && /(?<!\$)\$\{/.test(String(noted[name]))),
  };
}
