import { Annotations, Token } from "cdktf";
import { Construct } from "constructs";
import { Checks } from "../validation/checks";
import { inCallersWords, wrong } from "../validation/errors";
import { HOST_KEYS, hostKeysProblem, keysIn } from "../validation/host-keys";

/**
 * Checks a host's public keys. Warns if Terraform might ask the host for a type of key (such as ecdsa) that is not among
 * these keys.
 */
export function checkHostKeys(scope: Construct, checks: Checks, prop: string, text: string): void {
  if (Token.isUnresolved(text) || typeof text !== "string") {
    checks.text(prop, text, HOST_KEYS);
    return;
  }
  const problem = hostKeysProblem(text);
  if (problem !== undefined) throw wrong(scope.node.path, prop, HOST_KEYS.expected, problem);
  const kinds = new Set(keysIn(text).map((key) => key.split(" ")[0]));
  const [only] = kinds;
  if (kinds.size === 1 && only !== undefined && !only.startsWith("ecdsa")) {
    Annotations.of(scope).addWarning(
      `${inCallersWords(prop)} has only a key of type ${only}. Terraform asks the host for an ecdsa key first, then rsa, then ed25519. Terraform fails with "knownhosts: key mismatch" ` +
        `if the host also has a key of a type that comes earlier in this order. Set ${inCallersWords(prop)} to all lines that \`ssh-keyscan HOST\` prints [${scope.node.path}]`,
    );
  }
}
