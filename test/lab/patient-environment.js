const { TestEnvironment } = require("jest-environment-node");

/** On a machine that does other work besides, a deploy takes several times as long. */
const PATIENCE = 3;

/**
 * The time limits of tests are there to end what hangs, and measure nothing: each is taken this many times. And each
 * test is told of when it ends, not with its suite: a run that is stopped has said what it was at.
 */
module.exports = class extends TestEnvironment {
  /** A hook starts as often as it has tests. */
  patient = new WeakSet();

  handleTestEvent({ name, test, hook }, { testTimeout }) {
    if (name === "test_done" && test.errors.length > 0) told("FAILED", test);
    if (name === "test_done" && test.errors.length === 0) told("ok", test);
    const limited = name === "test_start" ? test : name === "hook_start" ? hook : undefined;
    if (limited === undefined || this.patient.has(limited)) return;
    this.patient.add(limited);
    limited.timeout = PATIENCE * (limited.timeout ?? testTimeout);
  }
};

function told(how, { name, duration, parent }) {
  const names = [name];
  for (let block = parent; block?.parent !== undefined; block = block.parent) names.unshift(block.name);
  process.stderr.write(`    ${how.padEnd(6)} ${String(Math.round(duration / 1000)).padStart(4)} s  ${names.join(": ")}\n`);
}
