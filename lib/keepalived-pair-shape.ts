import { KEEPALIVED_LINES } from "./choices/keepalived-lines";
import { TransparentProxy } from "./choices/transparent-proxy";
import { Failover } from "./choices/failover";
import type { ActiveActiveProps, KeepalivedPairProps, VirtualAddressProps } from "./keepalived-pair";
import { BY_RULE, Shape, having, instanceOf, required, struct } from "./validation/shape";

const ACTIVE_ACTIVE: Shape<ActiveActiveProps> = {
  virtualAddresses: BY_RULE,
  virtualIpv6Addresses: BY_RULE,
  virtualRouterId: BY_RULE,
  instanceName: BY_RULE,
};

export const VIRTUAL_ADDRESS: Shape<VirtualAddressProps> = {
  ...ACTIVE_ACTIVE,
  activeActive: struct(ACTIVE_ACTIVE),
  interface: BY_RULE,
  backupInterface: BY_RULE,
  masterVrrpAddress: BY_RULE,
  backupVrrpAddress: BY_RULE,
  pairPort: BY_RULE,
  failover: instanceOf("a Failover, such as Failover.fast()", Failover),
  notifyCommand: BY_RULE,
  transparentProxy: instanceOf("a TransparentProxy, such as TransparentProxy.routing()", TransparentProxy),
  keepalivedLines: struct(KEEPALIVED_LINES),
  masterPriority: BY_RULE,
  backupPriority: BY_RULE,
};

const NODE = required(having("a HaproxyNode", "healthPort"));

export const KEEPALIVED_PAIR: Shape<KeepalivedPairProps> = { ...VIRTUAL_ADDRESS, master: NODE, backup: NODE, dependsOn: BY_RULE };
