import { HostState } from "./host-state";

/** Raised when hosts must be gone over again although none of their files changed. */
const FORMAT = 1;

/**
 * The host's state as lines for apply.sh, without the files' contents. It is
 * shown in the plan, so it reads as a list of what the host gets.
 */
export function renderManifest(state: HostState): string {
  const lines = [
    `format ${FORMAT}`,
    `part ${state.part}`,
    `os ${state.os.family} ${state.os.version}`,
    ...state.packages.map((name) => `package ${name}`),
    ...state.files.map(
      ({ path, mode, usedBy, secret }) => `${secret === true ? "secret" : "file"} ${mode} ${usedBy} ${path}`,
    ),
    ...state.beforeLive.map((path) => `before-live ${path}`),
    ...state.seBooleans.map((name) => `sebool ${name}`),
    ...(state.firewall === undefined
      ? []
      : [
          `ssh-port ${state.firewall.sshPort}`,
          ...state.firewall.ports.map((port) => `port ${port}/tcp`),
          ...state.firewall.richRules.map((rule) => `rich-rule ${rule}`),
        ]),
    ...state.services.map((name) => `service ${name}`),
    ...state.listens.map((port) => `listen ${port}`),
    ...(state.members === undefined
      ? []
      : [`stats-port ${state.members.statsPort}`, `members-up-within ${state.members.upWithin}`]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
