/** Where messages are written and pictures come in: by the button, dropped, or pasted. */

import { one } from "./dom.ts";

export interface ComposerEvents {
  /** Whether it was sent; otherwise it stays to be sent again. */
  readonly onText: (text: string) => Promise<boolean>;
  readonly onPicture: (picture: File) => void;
}

/** Wires the composer in `device`, which takes nothing before. */
export function wireComposer(device: HTMLElement, { onText, onPicture }: ComposerEvents): void {
  const text = one<HTMLInputElement>("#text", device);
  const file = one<HTMLInputElement>("#file", device);

  one<HTMLFieldSetElement>("#composer fieldset", device).disabled = false;
  one("#composer", device).addEventListener("submit", async (event) => {
    event.preventDefault();
    const written = text.value.trim();
    text.value = "";
    if (written && !(await onText(written)) && !text.value) text.value = written;
  });

  one("#attach", device).addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    const picked = file.files?.[0];
    file.value = ""; // so that the same file can be picked again
    if (picked) onPicture(picked);
  });

  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false; // not text or a link
  device.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    device.classList.add("dropping");
  });
  device.addEventListener("dragleave", (event) => {
    if (!device.contains(event.relatedTarget as Node | null)) device.classList.remove("dropping");
  });
  device.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    device.classList.remove("dropping");
    const dropped = event.dataTransfer?.files[0];
    if (dropped) onPicture(dropped);
  });

  document.addEventListener("paste", (event) => {
    const pasted = event.clipboardData?.files[0];
    if (!pasted) return;
    event.preventDefault();
    onPicture(pasted);
  });
}
