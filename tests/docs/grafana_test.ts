import { deepEqual } from "node:assert/strict";
import { grafanaDashboard } from "../../docs/grafana.ts";
import { metricsTable } from "../../ops/mod.ts";

Deno.test("the dashboard shows every metric that there is, and none that is not", () => {
  const namesIn = (text: string) => Array.from(new Set(text.match(/\bhearth_\w+/g))).sort();
  deepEqual(namesIn(grafanaDashboard()), namesIn(metricsTable()));
});

Deno.test("each label of a legend is one that its metric has", () => {
  const labels = new Map(
    Array.from(
      metricsTable().matchAll(/^\| `(\w+)` \| `(\w+)` \|/gm),
      ([, metric = "", label = ""]) => [metric, label],
    ),
  );
  const { panels } = JSON.parse(grafanaDashboard());
  for (
    const { expr, legendFormat } of panels.flatMap((panel: { targets: unknown }) => panel.targets)
  ) {
    const [, used] = /\{\{(\w+)\}\}/.exec(legendFormat) ?? [];
    if (used === undefined) continue;
    const has = (expr.match(/\bhearth_\w+/g) ?? []).map((metric: string) => labels.get(metric));
    deepEqual(has.includes(used), true, `${expr}: ${used}`);
  }
});
