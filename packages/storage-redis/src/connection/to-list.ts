/** The elements of a reply that should be a list; none when it is something else. */
export function toList(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}
