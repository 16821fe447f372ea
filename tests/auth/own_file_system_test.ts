import { equal } from "node:assert/strict";
import { isOnOwnFileSystem } from "../../auth/own_file_system.ts";

/** As coreutils name them. */
const OWN = ["ext2/ext3", "xfs", "btrfs", "f2fs", "zfs", "tmpfs", "overlayfs"];

Deno.test({
  name: "a folder is on this machine's own file system where stat(1) says so as well",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "hearth-own-" });
    const { stdout } = await new Deno.Command("stat", { args: ["-f", "-c", "%T", folder] })
      .output();
    const name = new TextDecoder().decode(stdout).trim();
    equal(isOnOwnFileSystem(folder), OWN.includes(name), name);
    await Deno.remove(folder);
  },
});

Deno.test("a file system that cannot be asked is nobody's own", () => {
  equal(isOnOwnFileSystem("/nowhere/at/all"), false);
});
