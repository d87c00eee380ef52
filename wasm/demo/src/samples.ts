/** Painted pictures to try, from the repository's demo set. They are this app's own: their previews need no scan. */

import beach from "../../../hashsets/demo/outbox/beach.jpg?url";
import broken from "../../../hashsets/demo/outbox/broken.jpg?url";
import harbourAgain from "../../../hashsets/demo/outbox/harbour-recompressed.jpg?url";
import kitchen from "../../../hashsets/demo/outbox/kitchen-resized.png?url";
import plainBlue from "../../../hashsets/demo/outbox/plain-blue.png?url";
import sunflowers from "../../../hashsets/demo/outbox/sunflowers.jpg?url";
import harbour from "../../../hashsets/demo/listed/harbour.jpg?url";
import { element, one } from "./dom.ts";

interface Sample {
  readonly name: string;
  readonly url: string;
  readonly says: string;
  /** A file that no browser can show has none. */
  readonly preview: boolean;
}

const SAMPLES: readonly Sample[] = [
  { name: "beach.jpg", url: beach, says: "Not listed", preview: true },
  { name: "sunflowers.jpg", url: sunflowers, says: "Not listed", preview: true },
  { name: "harbour.jpg", url: harbour, says: "Listed", preview: true },
  { name: "harbour-recompressed.jpg", url: harbourAgain, says: "Listed, recompressed", preview: true },
  { name: "kitchen-resized.png", url: kitchen, says: "Listed, resized", preview: true },
  { name: "plain-blue.png", url: plainBlue, says: "Too flat to judge", preview: true },
  { name: "broken.jpg", url: broken, says: "A broken file", preview: false },
];

/** Offers the samples; `onPicture` gets the one that was taken, on its way from where this page is from. */
export function offerSamples(place: HTMLElement, onPicture: (name: string, picture: Promise<File>) => void): void {
  one("ul", place).append(
    ...SAMPLES.map(({ name, url, says, preview }) => {
      const face = preview
        ? element("img", { src: url, alt: "", width: 72, height: 54 })
        : element("span", { className: "no-preview", ariaHidden: "true" }, "?");
      const button = element("button", { type: "button", title: name }, face, element("span", {}, says));
      button.ariaLabel = `${name}: ${says}`;
      button.addEventListener("click", () => onPicture(name, fetched(url, name)));
      return element("li", {}, button);
    }),
  );
}

async function fetched(url: string, name: string): Promise<File> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${name} was not found where this page is from`);
  const blob = await response.blob();
  return new File([blob], name, { type: blob.type });
}
