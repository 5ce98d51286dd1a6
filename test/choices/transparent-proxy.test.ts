import { TransparentProxy } from "cdktf-exchange-balancer";
import { untyped } from "../support/refused";

const IPV6 = { memberAddresses: ["2001:db8:12::21"], masterAddress: "2001:db8:12::11", backupAddress: "2001:db8:12::12" };

describe.each(["routing", "clients"] as const)("TransparentProxy.%s()", (factory) => {
  test.each<[string, unknown, string]>([
    ["an unknown option", { ipv4: true }, 'options must be an object of known keys, got the unknown key "ipv4": did you mean ipv6?'],
    ["options that are not an object", true, "options must be an object with ipv6, got a boolean"],
    ["true where the object ipv6 is expected", { ipv6: true }, "ipv6 must be an object with memberAddresses, masterAddress, backupAddress, got true"],
    ["a misspelled key of the object ipv6", { ipv6: { ...IPV6, masterAdress: "" } }, 'ipv6 must be an object of known keys, got the unknown key "masterAdress": did you mean masterAddress?'],
    ["the object ipv6 without memberAddresses", { ipv6: { masterAddress: "2001:db8::1", backupAddress: "2001:db8::2" } }, "ipv6.memberAddresses must be a list, got undefined"],
  ])("TransparentProxy refuses %s", (_, options, message) => {
    expect(() => TransparentProxy[factory](untyped(options))).toThrow(new Error(`${message} [TransparentProxy.${factory}]`));
  });

  test("TransparentProxy can be created with the option ipv6, and without any options", () => {
    expect(TransparentProxy[factory]()._ipv6).toBeUndefined();
    expect(TransparentProxy[factory]({ ipv6: IPV6 })._ipv6).toEqual(IPV6);
    expect(TransparentProxy[factory]()._clients).toBe(factory === "clients");
  });
});
