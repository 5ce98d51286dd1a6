import { OsProfile } from "../../lib/choices/os-profile";

/** All operating systems for which the library has a profile. */
export const SYSTEMS: readonly OsProfile[] = [...new Set(Object.values(OsProfile).filter((value): value is OsProfile => value instanceof OsProfile))];
