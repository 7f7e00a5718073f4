/** One line of a diagnosis. */
export interface Finding {
  /** What was looked at: a setting (`storage.hot`), or a part of it (`storage.hot server`). */
  readonly name: string;
  /** `pass`: as it should be; `warn`: works with a restriction; `fail`: does not work. */
  readonly status: 'pass' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do; absent when nothing needs to be done. */
  readonly fix?: string;
}
