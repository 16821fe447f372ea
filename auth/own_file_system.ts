import { statfsSync } from "node:fs";

/**
 * File systems that one machine has to itself, by their number in <linux/magic.h>. What a network, a
 * virtual machine or a program (FUSE) brings in has another, and may be written from elsewhere.
 */
const OWN: ReadonlySet<number> = new Set([
  0xef53, // ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0xf2f52010, // F2FS
  0x2fc12fc1, // ZFS
  0x01021994, // tmpfs
  0x794c7630, // overlayfs
]);

/** Whether whoever writes there does it through this kernel: inotify(7) then tells of each write. */
export function isOnOwnFileSystem(path: string): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    return OWN.has(statfsSync(path).type);
  } catch {
    // Without the permission to ask nothing is known.
    return false;
  }
}
