/** What the server stores, as whoever runs it sees it. */

import { bytes, element, part } from "./dom.ts";
import { hex } from "./hex.ts";
import type { Transport } from "./transport.ts";

/** Shows in `section` what the server holds, now and from now on. */
export function showStored(section: HTMLElement, transport: Transport): void {
  const draw = () => {
    const stored = transport.stored?.() ?? [];
    const total = stored.reduce((sum, { size }) => sum + size, 0);
    const some = stored.length > 0;
    part(section, "total").textContent = some ? `${count(stored.length)}, ${bytes(total)}` : "Nothing stored";
    part(section, "stored").replaceChildren(
      ...stored.map(({ name, size, head }) =>
        element(
          "li",
          {},
          element("span", { className: "name" }, name),
          element("span", { className: "size" }, bytes(size)),
          element("code", { ariaLabel: "First bytes" }, `${hex(head.subarray(0, 12), " ")} …`),
        ),
      ),
    );
    section.classList.toggle("used", some);
  };
  transport.onStored?.(draw);
  draw();
}

const count = (items: number) => (items === 1 ? "1 item" : `${items} items`);
