import { AWKS, decide } from "./awks";

describe.each(AWKS)("preferred-addresses.awk, run by %s", (...awk) => {
  test.each([
    ["an instance with the state MASTER", "vrrp_instance A {\n    state MASTER\n    virtual_ipaddress {\n        10.0.0.1\n        10.0.0.2/24 dev eth0\n    }\n}\n", ["10.0.0.1", "10.0.0.2"]],
    ["an instance with the state BACKUP", "vrrp_instance A {\n    state BACKUP\n    virtual_ipaddress {\n        10.0.0.1\n    }\n}\n", []],
    ["one instance with the state MASTER and one with the state BACKUP", "vrrp_instance A {\n    state BACKUP\n    virtual_ipaddress {\n        10.0.0.1\n    }\n}\nvrrp_instance B {\n    state MASTER\n    virtual_ipaddress {\n        10.0.0.2\n    }\n}\n", ["10.0.0.2"]],
    ["unicast peers (whose addresses are not printed)", "vrrp_instance A {\n    state MASTER\n    unicast_peer {\n        10.0.0.9\n    }\n    virtual_ipaddress {\n        # 10.0.0.8\n        10.0.0.1\n    }\n}\n", ["10.0.0.1"]],
  ])("from a keepalived.conf with %s, preferred-addresses.awk prints only the addresses of instances with the state MASTER", (_, conf, found) => {
    expect(decide(awk, "preferred-addresses", [conf])).toEqual(found);
  });
});
