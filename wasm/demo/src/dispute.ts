/** How somebody whose picture was held back can have that reviewed. */

import type { Match } from "@presend/scanner";

/** What an endorser needs to find the entry, and no more: neither the picture nor its hash. */
export function reference({ set, matches: [nearest] }: Match): string {
  const { reference, digest } = nearest;
  return [
    `set      ${set.name}, version ${set.version}`,
    `root     ${set.rootDigest}`,
    ...(reference
      ? [`segment  ${reference.segment}`, `entry    ${reference.entry}`, `tag      ${reference.tag}`]
      : [`entry    a file listed by its ${digest ?? "digest"}`]),
  ].join("\n");
}

/** Somebody who can review an entry. */
export interface Contact {
  readonly organisation: string;
  readonly mail: string;
  /** Opens a mail that has the reference in it. */
  readonly link: string;
}

/** The organisations that endorsed the set in which `match` was found. */
export function contacts(match: Match): Contact[] {
  const query = `subject=${encodeURIComponent("Review of an entry")}&body=${encodeURIComponent(reference(match))}`;
  return match.set.endorsers.flatMap((organisation) => {
    const mail = REVIEW[organisation];
    return mail ? [{ organisation, mail, link: `mailto:${mail}?${query}` }] : [];
  });
}

// An app knows whom it trusts, so it ships their addresses with their keys. These organisations are made up; no mail to
// `.example` is ever delivered (RFC 2606).
const REVIEW: Readonly<Record<string, string>> = {
  "Demo Hotline": "review@hotline.example",
  "Demo Child Safety Institute": "review@institute.example",
};
