/** What was opened; where it could not be, says so and ends the program. */
export function orExit<T>(
  opened: { readonly kind: "open"; readonly value: T } | {
    readonly kind: "failed";
    readonly message: string;
  },
): T {
  return opened.kind === "open" ? opened.value : exit(opened.message);
}

export function exit(message: string): never {
  console.error(message);
  Deno.exit(1);
}
