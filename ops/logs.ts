import {
  configureSync,
  disposeSync,
  type FormattedValues,
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
  const formatted = format === "json" ? jsonLine : getTextFormatter({
    timestamp: "rfc3339",
    level: "FULL",
    category: ".",
    value: valueText,
    format: withValues,
  });
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

const toJson = getJsonLinesFormatter({ message: "template", properties: "flatten" });

function jsonLine(record: LogRecord): string {
  return toJson({ ...record, rawMessage: sentenceOf(record) });
}

/** The message with what stands for its `{names}`. */
function sentenceOf({ message }: LogRecord): string {
  return message.map((part, index) => index % 2 === 0 ? part : valueText(part)).join("");
}

/** One line of text: a message, and the values of this time that are not in it. */
function withValues({ timestamp, level, category, message, record }: FormattedValues): string {
  const values = Object.entries(record.properties)
    .filter(([name]) => !record.rawMessage.includes(`{${name}}`))
    .map(([name, value]) => ` ${name}=${valueText(value)}`);
  return `${timestamp} [${level}] ${category}: ${message}${values.join("")}`;
}

const PLAIN = /^[\w.:[\]/+-]+$/;
/** What JSON leaves as it is and a terminal obeys: C1 controls, and marks that turn text around. */
const OBEYED = /[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A stranger's text is quoted where it could be taken for anything else, and has no power. */
function valueText(value: unknown): string {
  if (value instanceof Error) return Deno.inspect(value);
  if (typeof value === "string" && PLAIN.test(value)) return value;
  const escaped = (character: string) =>
    "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0");
  return (JSON.stringify(value) ?? "").replace(OBEYED, escaped);
}

/** Logs as a server does: to standard error, as text where a person reads it. */
export function startServerLogs(level: LogLevel): void {
  const format = Deno.stderr.isTerminal() ? "text" : "json";
  startLogs({ level, format, write: toStandardError });
}

function countOf({ suppressed, lastRecord }: ThrottlingFilterSummary): LogRecord {
  const properties = { like: sentenceOf(lastRecord), times: suppressed };
  return { ...lastRecord, message: ["folded"], rawMessage: "folded", properties };
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
function toStandardError(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(line));
}
