/** The golden table on both engines, as a document. */
import type { TurnConfig } from "../../../turn/config.ts";
import { NODE_TURN_DEFECTS } from "../../../turn/engines/node_turn_defects.ts";
import { start } from "../../../turn/mod.ts";
import type { Case } from "../core/golden_case.ts";
import { type Section, TABLE } from "../core/golden_table.ts";
import { loopbackConfig, playOnSocket, whyNotComparable } from "./golden_socket.ts";

/** `unsigned`: right but for MESSAGE-INTEGRITY, without which strict clients refuse it. */
export type Verdict = "right" | "unsigned" | "wrong";

interface Answer {
  readonly test: Case;
  readonly said: string;
  readonly verdict: Verdict;
}

/** What each section's comparable cases were answered. */
type Answers = ReadonlyMap<Section, readonly Answer[]>;

/** Runs both engines; the document is the same whenever they are. */
export async function engineReport(): Promise<string> {
  const [native, other] = [await answersOf("native"), await answersOf("node-turn")];
  return documentOf(native, other);
}

async function answersOf(engine: TurnConfig["engine"]): Promise<Answers> {
  const handle = start(loopbackConfig(engine));
  try {
    const { port } = await handle.ready;
    const answers = new Map<Section, readonly Answer[]>();
    for (const section of TABLE) {
      const cases = section.cases.filter((test) => !whyNotComparable(test));
      answers.set(section, await Promise.all(cases.map((test) => answerTo(test, port))));
    }
    return answers;
  } finally {
    await handle.close();
  }
}

async function answerTo(test: Case, port: number): Promise<Answer> {
  const said = await playOnSocket(test, port)
    .catch((error: Error) => error.message.split("\n")[0] ?? "");
  return { test, said, verdict: judge(test.expect, said) };
}

/**
 * Fair to a server of RFC 5389: what no client needs does not count, which is SOFTWARE,
 * PASSWORD-ALGORITHMS, padding over UDP, and in which order attributes stand.
 */
export function judge(expected: string, said: string): Verdict {
  const [want, got] = [essence(expected), essence(said)];
  if (want.join() === got.join()) return "right";
  return want.filter((word) => word !== "MI").join() === got.join() ? "unsigned" : "wrong";
}

function essence(outcome: string): string[] {
  const [head = "", ...rest] = outcome.replace(" with padding", "").split(" ");
  const needed = rest.filter((word) =>
    word !== "SOFTWARE" && !word.startsWith("PASSWORD-ALGORITHMS")
  );
  return [head, ...needed.toSorted()];
}

/** An outcome of the table in plain words. */
export function inWords(outcome: string): string {
  const [head = "", ...rest] = outcome.split(" ");
  const lifetime = rest.find((word) => word.startsWith("LIFETIME="))?.slice("LIFETIME=".length);
  if (outcome === "silence") return "nothing";
  if (head === "success:") return lifetime === undefined ? "granted" : `granted, ${lifetime} s`;
  if (/^\d{3}:$/.test(head)) return `refused, ${head.slice(0, -1)}`;
  if (head === "to") return "relayed to the peer";
  if (head === "from") return "data from the peer, in an indication";
  if (head === "channel") return "data from the peer, on its channel";
  return outcome;
}

function documentOf(native: Answers, other: Answers): string {
  const counts = TABLE.map((section) => {
    const [ours = [], theirs = []] = [native.get(section), other.get(section)];
    const skipped = section.cases.length - ours.length;
    return [section.name, tally(ours), tally(theirs), String(skipped)];
  });
  const lists = TABLE.flatMap((section) => {
    const wrong = (other.get(section) ?? []).filter(({ verdict }) => verdict === "wrong");
    const rows = wrong.map(({ test, said }) => [
      test.rule,
      inWords(test.expect),
      inWords(said),
    ]);
    return [`## ${section.name}`, markdown(["Rule", "Right", "node-turn"], rows)];
  });
  return [
    "<!-- deno-fmt-ignore-file -->",
    "<!-- Written by `deno task engines`. -->",
    "# Our engine and node-turn",
    "The golden table of `tests/turn/core` is asked of both engines over UDP and IPv4 on loopback, " +
    `each in its worker as \`HEARTH_TURN_ENGINE\` starts it. Cases that need ` +
    "a clock that can be set, or another configuration, are not compared. SOFTWARE, " +
    "PASSWORD-ALGORITHMS, padding over UDP and the order of attributes do not count. What is " +
    "unsigned is right but for MESSAGE-INTEGRITY. IPv6 for relays and SHA-256, which `node-turn` " +
    "lacks, count as wrong; that it has no TCP and no IPv6 for clients is not in these figures.",
    markdown(["Right / unsigned / wrong", "native", "node-turn", "not compared"], counts),
    "## What node-turn 0.0.6 gets wrong, in short",
    NODE_TURN_DEFECTS.map((defect) => `- ${defect}`).join("\n"),
    ...lists,
  ].join("\n\n") + "\n";
}

function tally(answers: readonly Answer[]): string {
  const of = (verdict: Verdict) => answers.filter((answer) => answer.verdict === verdict).length;
  return `${of("right")} / ${of("unsigned")} / ${of("wrong")}`;
}

function markdown(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
