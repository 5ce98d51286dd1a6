const Sequencer = require("@jest/test-sequencer").default;

/** Runs the test files in the order of MUTANTS_ORDER, so that those that notice most come first. */
module.exports = class extends Sequencer {
  sort(tests) {
    const order = (process.env.MUTANTS_ORDER || "").split(",");
    const rank = ({ path }) => {
      const at = order.findIndex((name) => name !== "" && path.includes(name));
      return at < 0 ? order.length : at;
    };
    return [...tests].sort((a, b) => rank(a) - rank(b));
  }
};
