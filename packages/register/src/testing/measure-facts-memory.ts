/**
 * A program for tests: fills the facts of a register with made-up dockets and prints, as JSON, the bytes that they take in memory and how much
 * the process grew. Needs `--expose-gc`. Arguments: dockets, transactions in each.
 */
import { createHash } from 'node:crypto';
import { createVerifiedFacts } from '../verified-register/verified-facts.ts';

const [dockets = 0, perDocket = 0] = process.argv.slice(2).map(Number);
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const measure = () => {
  globalThis.gc?.();
  const { arrayBuffers, heapUsed, rss } = process.memoryUsage();
  return { kept: arrayBuffers + heapUsed, rss };
};

const before = measure();
const facts = createVerifiedFacts();
for (let height = 0; height < dockets; height += 1) {
  const hash = hashOf(`docket ${height}`);
  const transactionIds = Array.from({ length: perDocket }, (_, index) => hashOf(`transaction ${height} ${index}`));
  facts.append({ hash, digest: hash, previousHash: hash, seal: hash, timestamp: height, transactionIds });
}
const after = measure();
const last = facts.find(hashOf(`transaction ${dockets - 1} ${perDocket - 1}`));
process.stdout.write(
  JSON.stringify({ kept: after.kept - before.kept, rss: after.rss - before.rss, size: facts.size, last }),
);
