/** The time for it is up. */
export class TimedOut extends Error {}

/**
 * What the promise comes to; or, if it takes longer, what `onTimeout` says, which may be nothing, and then it waits on; or the reason for which
 * it is given up. `giveUp` subscribes to that, and its result ends the subscription.
 */
export async function until<T>(
  promise: Promise<T>,
  ms: number,
  onTimeout: () => Error | undefined,
  giveUp: (give: (reason: unknown) => void) => () => void = () => () => {},
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let unsubscribe = () => {};
  try {
    return await new Promise<T>((resolve, reject) => {
      const late = () => {
        const error = onTimeout();
        if (error !== undefined) {
          reject(error);
        }
      };
      timer = setTimeout(late, Math.min(Math.max(0, ms), 2 ** 31 - 1));
      promise.then(resolve, reject);
      unsubscribe = giveUp(reject);
    });
  } finally {
    clearTimeout(timer);
    unsubscribe();
  }
}
