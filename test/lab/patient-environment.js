const { TestEnvironment } = require("jest-environment-node");

/** On a machine that does other work besides, a deploy takes several times as long. */
const PATIENCE = 3;

/** The time limits of tests are there to end what hangs, and measure nothing: each is taken this many times. */
module.exports = class extends TestEnvironment {
  /** A hook starts as often as it has tests. */
  patient = new WeakSet();

  handleTestEvent({ name, test, hook }, { testTimeout }) {
    const limited = name === "test_start" ? test : name === "hook_start" ? hook : undefined;
    if (limited === undefined || this.patient.has(limited)) return;
    this.patient.add(limited);
    limited.timeout = PATIENCE * (limited.timeout ?? testTimeout);
  }
};
