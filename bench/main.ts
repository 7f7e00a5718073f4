/** Runs every benchmark, one after the other; name some to run only those: `npm run bench filter seal`. */
const benchmarks = ['filter', 'verify', 'restart', 'seal', 'cache', 'redis', 'postgres', 'mongodb'];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !benchmarks.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; there are ${benchmarks.join(', ')}.`);
  process.exitCode = 2;
} else {
  for (const name of asked.length > 0 ? asked : benchmarks) {
    await import(`./${name}.ts`);
  }
}
