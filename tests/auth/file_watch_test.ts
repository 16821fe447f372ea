import { FileWatch } from "../../auth/file_watch.ts";

const NEVER = 2 ** 31 - 1;

interface Asked {
  readonly ask: () => void;
  /** Resolves when `ask` was called once more. */
  next(): Promise<void>;
}

function asked(): Asked {
  let once = Promise.withResolvers<void>();
  return {
    ask() {
      once.resolve();
      once = Promise.withResolvers();
    },
    next: () => once.promise,
  };
}

Deno.test("a file is asked about when it is written, and again until it must be whole", async () => {
  const path = await Deno.makeTempFile({ prefix: "hearth-watch-" });
  const { ask, next } = asked();
  const watch = new FileWatch(path, ask, NEVER);
  const [first] = [next(), Deno.writeTextFileSync(path, "some")];
  await first;
  for (let i = 0; i < 5; i++) await next();
  watch.close();
  await Deno.remove(path);
});

Deno.test("a file of which the system tells nothing is asked about all the same", async () => {
  const path = await Deno.makeTempFile({ prefix: "hearth-watch-" });
  const { ask, next } = asked();
  const watch = new FileWatch(path, ask, 1);
  for (let i = 0; i < 3; i++) await next();
  watch.close();
  await Deno.remove(path);
});

Deno.test("a file that cannot be watched is asked about all the time", async () => {
  const { ask, next } = asked();
  const watch = new FileWatch("/nowhere/at/all", ask, NEVER);
  for (let i = 0; i < 3; i++) await next();
  watch.close();
});
