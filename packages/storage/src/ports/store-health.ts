/** What a real round trip to a store says about it. */
export interface StoreHealth {
  /** `pass`: works; `warn`: works with a restriction that `detail` names; `fail`: does not work. */
  readonly status: 'pass' | 'warn' | 'fail';
  /** The provider that answered: `memory`, `sqlite`, ... */
  readonly provider: string;
  /** One sentence for the operator: what was checked, or what is wrong and what to do. */
  readonly detail: string;
  /** Duration of the round trip, in milliseconds. */
  readonly latencyMs: number;
}
