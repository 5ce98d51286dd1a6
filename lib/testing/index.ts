export { type HostFile, type HostFiles, hostFiles } from "./host-files";
export { hostFilesSerializer } from "./serializer";
