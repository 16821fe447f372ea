import {
  configureSync,
  disposeSync,
  getJsonLinesFormatter,
  getLogger,
  getTextFormatter,
  getThrottlingFilter,
  type Logger,
  type LogLevel,
  type LogRecord,
  type Sink,
  type ThrottlingFilterSummary,
} from "@logtape/logtape";

export interface LogSettings {
  /** The least severe level that is written. */
  readonly level: LogLevel;
  /** Text for a person to read, or one JSON object a line. */
  readonly format: "text" | "json";
  /** Takes one line with its newline. */
  write(line: string): void;
  /** Milliseconds; what repetition is judged by. */
  readonly clock?: () => number;
}

/** Lines of one template that are written before the rest of the period is only counted. */
const SAME_LINES = 5;
const PERIOD_MS = 10_000;
/** Templates remembered at a time; the one not seen for longest makes room. */
const TEMPLATES = 256;

const ROOT = "hearth";

/**
 * Starts logging. A line that repeats is folded: past the fifth of one template within ten seconds
 * they are counted, and the count is written with the next such line, or when logging stops.
 */
export function startLogs({ level, format, write, clock = Date.now }: LogSettings): void {
  const formatted = format === "json"
    ? getJsonLinesFormatter()
    // Bare values are stripped of control characters: a stranger's name cannot forge a line.
    : getTextFormatter({ timestamp: "rfc3339", level: "FULL", category: ".", value: "bare" });
  const sink: Sink = (record) => write(formatted(record));
  const folded = getThrottlingFilter({
    limit: SAME_LINES,
    windowMs: PERIOD_MS,
    maxKeys: TEMPLATES,
    clock,
    summary: {
      level: "info",
      logger: {
        info: (_message, properties) =>
          sink(countOf(properties as unknown as ThrottlingFilterSummary)),
      },
    },
  });
  configureSync({
    reset: true,
    sinks: { sink },
    filters: { folded },
    loggers: [
      { category: ROOT, lowestLevel: level, sinks: ["sink"], filters: ["folded"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["sink"] },
    ],
  });
}

function countOf({ suppressed, lastRecord }: ThrottlingFilterSummary): LogRecord {
  const template = typeof lastRecord.rawMessage === "string"
    ? lastRecord.rawMessage
    : lastRecord.rawMessage.join("{}");
  return {
    ...lastRecord,
    message: ["", suppressed, ` more like “${template}”`],
    rawMessage: "{suppressed} more like “{template}”",
    properties: { suppressed, template },
  };
}

/** Writes what was still only counted, and stops logging. */
export function stopLogs(): void {
  disposeSync();
}

/** The logger of one part of the program. */
export function logger(part: string): Logger {
  return getLogger([ROOT, part]);
}

/** Writes to standard error: standard output is for what was asked for. */
export function toStandardError(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(line));
}
