import { AWKS, decide } from "./awks";

describe.each(AWKS)("preferred-addresses.awk, run by %s", (...awk) => {
  test.each([
    ["addresses of an instance in the state MASTER", "vrrp_instance A {\n    state MASTER\n    virtual_ipaddress {\n        10.0.0.1\n        10.0.0.2/24 dev eth0\n    }\n}\n", ["10.0.0.1", "10.0.0.2"]],
    ["no addresses of an instance in the state BACKUP", "vrrp_instance A {\n    state BACKUP\n    virtual_ipaddress {\n        10.0.0.1\n    }\n}\n", []],
    ["addresses of only one of two instances", "vrrp_instance A {\n    state BACKUP\n    virtual_ipaddress {\n        10.0.0.1\n    }\n}\nvrrp_instance B {\n    state MASTER\n    virtual_ipaddress {\n        10.0.0.2\n    }\n}\n", ["10.0.0.2"]],
    ["no addresses of unicast peers", "vrrp_instance A {\n    state MASTER\n    unicast_peer {\n        10.0.0.9\n    }\n    virtual_ipaddress {\n        # 10.0.0.8\n        10.0.0.1\n    }\n}\n", ["10.0.0.1"]],
  ])("a node lists the addresses that it prefers: %s", (_, conf, found) => {
    expect(decide(awk, "preferred-addresses", [conf])).toEqual(found);
  });
});
