// The rules that the linter does not have.
import { layers } from './layers.mjs';

/** The current time is an argument wherever something is decided. */
const noClock = {
  create: (context) => {
    const look = (node) => {
      const reads = node.type === 'CallExpression' || node.arguments.length === 0;
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && reads) {
        context.report({ node, message: 'The current time is an argument here; only io/ reads the clock.' });
      }
    };
    return { NewExpression: look, CallExpression: look };
  },
};

export default { meta: { name: 'house' }, rules: { 'no-clock': noClock, layers } };
