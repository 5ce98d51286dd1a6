/** The platform that receives the user data. Each platform has its own maximum size. */
export enum UserDataTarget {
  /**
   * EC2: 16,384 bytes before base64. Synthesis always refuses this target, because user data of this library has at
   * least 40,000 bytes. Put the text into an S3 object, and give the VM `#include` with the URL of the object;
   * docs/cloud-init.md has the steps.
   */
  AWS = "aws",
  /** Azure's `custom_data`: 65,535 bytes before base64. */
  AZURE = "azure",
  /** Google Compute Engine: 262,144 bytes, the size of one metadata value. */
  GCP = "gcp",
  /**
   * Any platform that provides the user data as a file: NoCloud (libvirt, Proxmox VE, Hyper-V) and ConfigDrive. No
   * limit.
   */
  NO_CLOUD = "nocloud",
  /**
   * OpenStack Nova: 65,535 bytes after base64. User data for TCP mode fits if you use `base64Gzip`. User data for SSL
   * bridging does not fit.
   */
  OPENSTACK = "openstack",
  /** vSphere: 524,288 bytes, as `guestinfo.userdata` or in a customization specification. */
  VSPHERE = "vsphere",
}

/** Each platform's size limit, and whether the platform counts the bytes before base64, after base64, or as given. */
export const USER_DATA_LIMITS = {
  [UserDataTarget.AWS]: { of: "AWS", bytes: 16_384, counts: "decoded" },
  [UserDataTarget.AZURE]: { of: "Azure", bytes: 65_535, counts: "decoded" },
  [UserDataTarget.GCP]: { of: "Google Compute Engine", bytes: 262_144, counts: "as-given" },
  [UserDataTarget.NO_CLOUD]: { of: "NoCloud", bytes: Infinity, counts: "as-given" },
  [UserDataTarget.OPENSTACK]: { of: "OpenStack", bytes: 65_535, counts: "base64" },
  [UserDataTarget.VSPHERE]: { of: "vSphere", bytes: 524_288, counts: "as-given" },
} as const;
