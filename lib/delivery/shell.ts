/**
 * How each script that Terraform runs on a host begins. It goes when it ends, and
 * once more after Terraform has written an empty file in its place, which it does
 * after a success.
 */
export const PROLOGUE: readonly string[] = [
  "set -eu",
  `trap 'trap "" HUP; rm -f "$0"; (sleep 3; rm -f "$0") >/dev/null 2>&1 </dev/null &' EXIT`,
];
