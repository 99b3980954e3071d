// A rule that the linter does not have: the current time is an argument wherever something is decided.
const noClock = {
  meta: { messages: { clock: 'The current time is an argument here; only io/ reads the clock.' } },
  create: (context) => {
    const report = (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && (node.type === 'CallExpression' || node.arguments.length === 0)) {
        context.report({ node, messageId: 'clock' });
      }
    };
    return { NewExpression: report, CallExpression: report };
  },
};

export default { meta: { name: 'house' }, rules: { 'no-clock': noClock } };
