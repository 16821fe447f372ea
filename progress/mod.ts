/** How far long work has come, for whoever sits at a terminal; a pipe hears nothing of it. */

/** Shows a line in place of the one before; an empty one takes it away. */
export type Progress = (line: string) => void;

/** Where a terminal does not say how wide it is. */
const USUAL_COLUMNS = 80;

/** One line of standard error, which no program reads for an answer. */
export function progressLine(): Progress {
  if (!Deno.stderr.isTerminal()) return () => {};
  const encoder = new TextEncoder();
  let shown = "";
  return (line) => {
    if (line === shown) return;
    shown = line;
    // One that wraps could not be taken away again.
    const columns = Deno.consoleSize().columns || USUAL_COLUMNS;
    Deno.stderr.writeSync(encoder.encode(`\r\x1b[K${line.slice(0, columns - 1)}`));
  };
}
