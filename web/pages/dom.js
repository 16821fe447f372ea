/**
 * Copies the text of an element and says how that went. Over plain HTTP from an address there is no
 * clipboard API; there the older way is tried, which leaves the text selected in any case.
 *
 * @param {HTMLElement} element
 * @param {HTMLElement} status
 */
export async function copyText(element, status) {
  getSelection()?.selectAllChildren(element);
  const copied = navigator.clipboard
    ? await navigator.clipboard.writeText(element.innerText).then(() => true, () => false)
    : document.execCommand("copy");
  status.textContent = copied ? "Copied." : "Selected: press Ctrl+C.";
}

/**
 * An element that the page's own HTML surely holds.
 *
 * @template {HTMLElement} [E=HTMLElement]
 * @param {string} selector
 * @param {ParentNode} [within]
 * @returns {E}
 */
export function find(selector, within = document) {
  const element = within.querySelector(selector);
  if (!element) throw new Error(`This page has no ${selector}`);
  return /** @type {E} */ (element);
}
