/** How somebody whose picture was held back can have that reviewed. */

import type { Match, SetInfo } from "@presend/scanner";

/** What an endorser needs to find the entry, and no more: neither the picture nor its hash. */
export function reference({ set, matches: [nearest] }: Match): string {
  const entry = nearest.reference
    ? [`segment  ${nearest.reference.segment}`, `entry    ${nearest.reference.entry}`, `tag      ${nearest.reference.tag}`]
    : [`entry    a file listed by its ${nearest.digest ?? "digest"}`];
  return [`set      ${set.name}, version ${set.version}`, `root     ${set.rootDigest}`, ...entry].join("\n");
}

/** Where each organisation that endorsed `set` can be asked for a review. */
export function contacts(set: SetInfo, match: Match): { readonly organisation: string; readonly mail: string; readonly link: string }[] {
  return set.endorsers.flatMap((organisation) => {
    const mail = REVIEW[organisation];
    if (!mail) return [];
    const query = `subject=${encodeURIComponent("Review of an entry")}&body=${encodeURIComponent(reference(match))}`;
    return [{ organisation, mail, link: `mailto:${mail}?${query}` }];
  });
}

// An app knows whom it trusts, so it ships their addresses with their keys. These organisations are made up; no mail to
// `.example` is ever delivered (RFC 2606).
const REVIEW: Readonly<Record<string, string>> = {
  "Demo Hotline": "review@hotline.example",
  "Demo Child Safety Institute": "review@institute.example",
};
