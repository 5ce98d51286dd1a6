/**
 * cloud-init's settings in the image, as an image's vendor makes them. They turn off what the lab sets up itself: keys, network,
 * host names, package sources.
 */
export const CLOUD_IMAGE = {
  "etc/cloud/cloud.cfg.d/99-lab.cfg": [
    "datasource_list: [NoCloud, None]",
    "network: { config: disabled }",
    "apt: { preserve_sources_list: true }",
    "ssh_deletekeys: false",
    "disable_root: false",
    "preserve_hostname: true",
    "users: []",
    // The root file system has no locales.
    "locale: false",
    "",
  ].join("\n"),
} as const;

const SEED = "var/lib/cloud/seed/nocloud";

/** The files from which cloud-init's data source NoCloud reads the user data. */
export function noCloudSeed(userData: string | Buffer, instanceId: string): Record<string, string | Buffer> {
  return { [`${SEED}/user-data`]: userData, [`${SEED}/meta-data`]: `instance-id: ${instanceId}\n` };
}

export const USER_DATA = `/${SEED}/user-data`;
