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
  const row = (term: string, description: Child) =>
    element("div", {}, element("dt", {}, term), element("dd", {}, description));
  list.replaceChildren(...rows.map(([term, description]) => row(term, description)));
}

/** Makes `button` copy `text` to the clipboard, and say for a moment that it did. */
export function copies(button: HTMLButtonElement, text: string): HTMLButtonElement {
  const label = [...button.childNodes];
  button.addEventListener("click", async () => {
    const copied = await navigator.clipboard.writeText(text).then(() => true, () => false);
    button.replaceChildren(copied ? "Copied" : "Not allowed");
    setTimeout(() => button.replaceChildren(...label), 1500);
  });
  return button;
}

/** A digest short enough to compare at a glance, with the whole of it at hand. */
export function digest(hex: string): HTMLElement {
  const hint = element("span", { className: "unseen" }, " the whole digest");
  const copy = copies(element("button", { type: "button", className: "small" }, "Copy", hint), hex);
  const short = element("code", { title: hex }, `${hex.slice(0, 8)}…${hex.slice(-8)}`);
  return element("span", {}, short, " ", copy);
}

/** 578 bytes, 24.3 kB. */
export function bytes(size: number): string {
  return size < 1000 ? `${size} bytes` : `${(size / 1000).toFixed(size < 100_000 ? 1 : 0)} kB`;
}
