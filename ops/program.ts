/** What a person types before a command of this program, the way it was started here. */
export function programName(standalone: boolean, execPath: string, denoVersion: string): string {
  if (standalone) return execPath;
  // npx keeps what it runs in a folder of this name, and puts nothing on the PATH.
  return /[\\/]_npx[\\/]/.test(execPath) ? `npx -y deno@${denoVersion} task` : "deno task";
}
