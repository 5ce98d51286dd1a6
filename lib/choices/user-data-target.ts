/** Where user data goes: each platform has a limit for its size. */
export enum UserDataTarget {
  /**
   * EC2: 16,384 bytes before base64. One of this library's hosts needs at least 40,000, so it is always refused: put the text into
   * an S3 object, and give the VM `#include` and a URL of the object. docs/cloud-init.md has the steps.
   */
  AWS = "aws",
  /** Azure's `custom_data`: 65,535 bytes before base64. */
  AZURE = "azure",
  /** Google Compute Engine: 262,144 bytes, the size of one metadata value. */
  GCP = "gcp",
  /** Any platform that hands over the user data as a file: NoCloud (libvirt, Proxmox VE, Hyper-V) and ConfigDrive. No limit. */
  NO_CLOUD = "nocloud",
  /** OpenStack Nova: 65,535 bytes as base64. TCP mode fits as `base64Gzip`; SSL bridging does not. */
  OPENSTACK = "openstack",
  /** vSphere: 524,288 bytes, as `guestinfo.userdata` or in a customization specification. */
  VSPHERE = "vsphere",
}

/** What each counts, and how much it takes. */
export const USER_DATA_LIMITS = {
  [UserDataTarget.AWS]: { of: "AWS", bytes: 16_384, counts: "decoded" },
  [UserDataTarget.AZURE]: { of: "Azure", bytes: 65_535, counts: "decoded" },
  [UserDataTarget.GCP]: { of: "Google Compute Engine", bytes: 262_144, counts: "as-given" },
  [UserDataTarget.NO_CLOUD]: { of: "NoCloud", bytes: Infinity, counts: "as-given" },
  [UserDataTarget.OPENSTACK]: { of: "OpenStack", bytes: 65_535, counts: "base64" },
  [UserDataTarget.VSPHERE]: { of: "vSphere", bytes: 524_288, counts: "as-given" },
} as const;
