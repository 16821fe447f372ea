/** Bytes from hexadecimal digits; spaces and line ends are for people. */
export function fromHex(text: string): Uint8Array {
  return Uint8Array.fromHex(text.replace(/\s/g, ""));
}
