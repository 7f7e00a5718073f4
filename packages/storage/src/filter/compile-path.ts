import { isDataObject, readMember } from './data-object.ts';
import { toIndex } from './filter-path.ts';

/** Judges one value; `undefined` stands for a missing one. */
export type Test = (value: unknown) => boolean;

/**
 * Builds the test "some value at this path passes", following paths through arrays as MongoDB's `find` does.
 *
 * On the way to the last segment, an array stands for each of its objects, and a segment that is an index also for that
 * one element. A path that ends inside an array without an object yields no value at all; a path that ends anywhere else
 * yields a missing one. At the end of the path, an array stands for its elements and itself (`elements`) or only for
 * itself (`whole`); an element picked by index stands only for itself. An empty path is the value itself.
 */
export function compilePath(path: readonly string[], test: Test, arrays: 'elements' | 'whole'): Test {
  if (path.length === 0) {
    return test;
  }
  let arrive: Test = arrays === 'whole' ? test : (value) => (Array.isArray(value) && value.some(test)) || test(value);
  let arriveByIndex: Test = test;
  let start: Test = test;
  for (const segment of path.toReversed()) {
    const next = arrive;
    const nextByIndex = arriveByIndex;
    const index = toIndex(segment);
    const read = compileRead(segment);
    const enterObject = (object: Record<string, unknown>): boolean => next(read(object));
    const enterArray = (list: readonly unknown[]): boolean => {
      for (const element of list) {
        if (isDataObject(element) && enterObject(element)) {
          return true;
        }
      }
      return index !== undefined && index < list.length && nextByIndex(list[index]);
    };
    arrive = (value) =>
      isDataObject(value) ? enterObject(value) : Array.isArray(value) ? enterArray(value) : test(undefined);
    arriveByIndex = (value) => (isDataObject(value) ? enterObject(value) : Array.isArray(value) && enterArray(value));
    // Only an element of `$elemMatch` can be an array here: its members are its indexes and nothing else.
    start = (value) =>
      isDataObject(value)
        ? enterObject(value)
        : next(Array.isArray(value) && index !== undefined ? value[index] : undefined);
  }
  return start;
}

/** Reads an own member; the check is left out for names that plain objects do not inherit. */
function compileRead(name: string): (object: Record<string, unknown>) => unknown {
  return name in Object.prototype ? (object) => readMember(object, name) : (object) => object[name];
}
