import { equal } from "node:assert/strict";
import { networkOf } from "../../ip/mod.ts";

for (
  const [address, network] of [
    ["192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["2001:DB8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["::ffff:c000:207", "192.0.2.7"],
    ["/run/hearth.sock", "/run/hearth.sock"],
    ["not:an:address", "not:an:address"],
  ] as const
) {
  Deno.test(`network of ${address} is ${network}`, () => equal(networkOf(address), network));
}
