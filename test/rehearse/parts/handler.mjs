let calls = 0;
export const handler = async (event, context) => {
  calls++;
  if (event.say !== undefined) console.log(event.say);
  if (event.fail !== undefined) throw new TypeError(event.fail);
  if (event.leave !== undefined) process.exit(event.leave);
  if (event.grow === true) {
    const held = [];
    for (;;) {
      held.push(Buffer.alloc(2 ** 24, 1));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  if (event.wait !== undefined) await new Promise((resolve) => setTimeout(resolve, event.wait));
  return {
    calls,
    now: Date.now(),
    remaining: context.getRemainingTimeInMillis(),
    name: context.functionName,
    pid: process.pid,
    secret: process.env.SECRET ?? null,
  };
};
