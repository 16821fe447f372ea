import axe from "axe-core";
import type { Page } from "playwright-core";

/**
 * What axe finds on a page, in light and dark, on a phone and on a desk; and where the page is wider
 * than the window.
 */
export async function violations(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [360, 1440]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      // As a debugger does: the page's policy lets no foreign script in.
      const results = await page.evaluate(
        `${axe.source}; axe.run().then(({ violations }) =>
          violations.map(({ id, nodes }) => id + " " + nodes.map(({ html }) => html).join(" ")))`,
      ) as string[];
      const taken = await page.evaluate("document.documentElement.scrollWidth");
      if (taken !== width) results.push(`${taken} wide`);
      found.push(...results.map((result) => `${colorScheme} ${width}: ${result}`));
    }
  }
  return found;
}
