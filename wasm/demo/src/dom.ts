/** The few ways in which this page touches its document. Text is only ever set as text, never as markup. */

type Child = Node | string;

/** A new element with these properties and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** The one element that `selector` names; the document has it, or the page is broken. */
export function one<E extends HTMLElement>(selector: string, within: ParentNode = document): E {
  const found = within.querySelector<E>(selector);
  if (!found) throw new Error(`index.html has no ${selector}`);
  return found;
}

/** The part of `within` that is marked `data-part="name"`. */
export const part = (within: ParentNode, name: string): HTMLElement => one(`[data-part="${name}"]`, within);

/** A copy of the template `id`. */
export function copyOf(id: string): HTMLElement {
  const template = one<HTMLElement>(`template#${id}`) as HTMLTemplateElement;
  return template.content.firstElementChild!.cloneNode(true) as HTMLElement;
}

/** Rows of a description list. */
export function facts(list: HTMLElement, rows: readonly (readonly [term: string, description: Child])[]): void {
  list.replaceChildren(...rows.map(([term, description]) => element("div", {}, element("dt", {}, term), element("dd", {}, description))));
}

/** Copies `text` to the clipboard and says so on the button for a moment. */
export async function copyBy(button: HTMLButtonElement, text: string): Promise<void> {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not allowed";
  }
  setTimeout(() => (button.textContent = before), 1500);
}

/** A digest short enough to compare at a glance, with the whole of it at hand. */
export function digest(hex: string): HTMLElement {
  const copy = element("button", { type: "button", className: "small", ariaLabel: "Copy the whole digest" }, "Copy");
  copy.addEventListener("click", () => void copyBy(copy, hex));
  return element("span", { className: "digest" }, element("code", { title: hex }, `${hex.slice(0, 8)}…${hex.slice(-8)}`), " ", copy);
}

/** 1,234 or 1.2 kB. */
export function bytes(size: number): string {
  return size < 1000 ? `${size} bytes` : `${(size / 1000).toFixed(size < 100_000 ? 1 : 0)} kB`;
}
