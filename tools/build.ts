import { buildPackage } from "./package";

buildPackage();
