import { OsProfile } from "../../lib/choices/os-profile";

/** Every operating system that the library has a profile of. */
export const SYSTEMS: readonly OsProfile[] = [...new Set(Object.values(OsProfile).filter((value): value is OsProfile => value instanceof OsProfile))];
