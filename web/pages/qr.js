import { encode } from "./uqr.js";

/** The quiet zone that readers need around the code, in modules (ISO/IEC 18004 §9.1). */
const QUIET = 4;

/**
 * Draws a link as a QR code, black on white in any colour scheme.
 *
 * @param {string} selector of an `svg` with the role `img`
 * @param {string} link
 */
export function showQr(selector, link) {
  const svg = document.querySelector(selector);
  if (!svg) throw new Error(`This page has no ${selector}`);
  const { size, data } = encode(link, { ecc: "M", border: QUIET });
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("aria-label", `QR code of the link ${link}`);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const modules = data.flatMap((row, y) =>
    row.map((isDark, x) => isDark ? `M${x} ${y}h1v1h-1z` : "")
  );
  path.setAttribute("d", modules.join(""));
  svg.replaceChildren(path);
}
