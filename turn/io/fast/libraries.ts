/** Where the C library lies: glibc of x86-64 and arm64 (Debian's paths, then the others'), and musl. */
export const LIBRARIES: readonly string[] = [
  "/lib/x86_64-linux-gnu/libc.so.6",
  "/lib/aarch64-linux-gnu/libc.so.6",
  "/lib64/libc.so.6",
  "/lib/ld-musl-x86_64.so.1",
  "/lib/ld-musl-aarch64.so.1",
];

/** Those of them that this thread may open, whether they are there or not. */
export function permittedLibraries(): string[] {
  return LIBRARIES.filter((path) =>
    Deno.permissions.querySync({ name: "ffi", path }).state === "granted"
  );
}
