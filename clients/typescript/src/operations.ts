import { type HoldfastClient, inRange, rejection } from "./client.js";
import {
  LockAlreadyHeldError,
  LockClientClosedError,
  LockError,
  LockExpiredError,
  LockExpiringError,
  LockNotHeldError,
  LockOutcomeUnknownError,
  LockSessionLostError,
  LockUnavailableError,
  SemaphoreCapacityExceededError,
  SemaphoreWaitTimedOutError,
} from "./errors.js";
import { type HandleActions, type Hold, type Kind, LockHandle, type Term } from "./handle.js";
import { type LockHooks, hooked } from "./hooks.js";
import { type LockOwner, type Lockable, ownerKey, ownerText, uniqueOwner } from "./lockable.js";
import { type Command, Refusal as RefusedAttempt, type Session, SessionOver, Stopped, isTime } from "./session.js";
import { type Answer, type Json, now } from "./transport.js";

const TIME_MS_MAX = 31_536_000_000;
const PERMITS_MAX = 1_000_000;
const HOLDS_SHOWN = 1000;

/** How long a hold lives, and how long to wait for it. */
export interface AcquireOptions {
  /** It is held for exactly so long unless it is extended, whatever becomes of this client. Left out: while this client lives. */
  ttlMs?: number;
  /** How long to stand in the queue, which is first come, first served. `Infinity` for as long as it takes. Left out: not at all. */
  waitMs?: number;
  /** Gives up. What was granted meanwhile is given back. */
  signal?: AbortSignal;
}

export interface HoldOptions extends AcquireOptions {
  /** Left out, an owner that nobody else is. */
  owner?: LockOwner;
  /** Of a semaphore; 1 if left out. */
  permits?: number;
}

/** Why it was not acquired. */
export interface Refusal {
  readonly timedOut: boolean;
  readonly detail: string;
  readonly holder: LockOwner | undefined;
  readonly available: number;
}

/** A hold as the cluster shows it. */
export interface HoldInfo {
  readonly owner: LockOwner;
  readonly token: number;
  readonly count: number;
  readonly leaseLeftMs: number | null;
}

export interface LockableInfo {
  readonly held: number;
  readonly holds: readonly HoldInfo[];
}

/** What locks and semaphores have in common. */
export class Operations implements HandleActions {
  /** Of handles: the releases under way. */
  readonly #releases = new WeakMap<LockHandle, Pursuit>();

  constructor(
    readonly client: HoldfastClient,
    readonly kind: Kind,
    private readonly hooks: LockHooks,
    /** The size of a semaphore. */
    private readonly max: number = 1,
  ) {
    inRange("the size of a semaphore", max, 1, PERMITS_MAX);
  }

  /** Acquires it, or tells why not. Throws if neither is known, or if it can never be acquired. */
  acquire(lockable: Lockable, options: HoldOptions): Promise<LockHandle | Refusal> {
    const owner = options.owner ?? uniqueOwner();
    const count = inRange("the number of permits", options.permits ?? 1, 1, PERMITS_MAX);
    const { hooks } = this;
    return hooked(
      this.client.onHookError,
      hooks.beforeAcquire?.bind(hooks),
      hooks.afterAcquire?.bind(hooks),
      { owner, lockable, operation: "acquire", count, ...(options.ttlMs === undefined ? {} : { ttlMs: options.ttlMs }) },
      () => this.#acquire(lockable, owner, count, options),
      (result) => (result instanceof LockHandle ? { acquired: true, token: result.token } : { acquired: false }),
    );
  }

  async hold(lockable: Lockable, options: HoldOptions): Promise<LockHandle> {
    const result = await this.acquire(lockable, options);
    if (result instanceof LockHandle) {
      return result;
    }
    throw this.#refused(lockable, options.permits ?? 1, result);
  }

  async tryHold(lockable: Lockable, options: HoldOptions): Promise<LockHandle | undefined> {
    const result = await this.acquire(lockable, options);
    return result instanceof LockHandle ? result : undefined;
  }

  /** Acquires it without a handle. */
  async take(lockable: Lockable, options: HoldOptions): Promise<boolean> {
    const handle = await this.tryHold(lockable, options);
    handle?.detach();
    return handle !== undefined;
  }

  /** Does the work while it is held. See `LockApi.withLock`. */
  async within<T>(lockable: Lockable, options: HoldOptions, work: (handle: LockHandle) => T | Promise<T>): Promise<T> {
    const handle = await this.hold(lockable, options);
    let end: { value: T } | { error: unknown };
    try {
      end = { value: await work(handle) };
    } catch (error) {
      end = { error };
    }
    const stopped = handle.signal.aborted;
    if (handle.lossReason !== undefined) {
      throw because(handle.whyNot!, end);
    }
    if (handle.state !== "released") {
      await handle.release().catch((error: unknown) => {
        throw "error" in end ? end.error : error;
      });
    }
    if ("value" in end) {
      return end.value;
    }
    throw stopped && !(end.error instanceof LockExpiringError)
      ? new LockExpiringError(lockable.key, handle.owner, end.error)
      : end.error;
  }

  async #acquire(lockable: Lockable, owner: LockOwner, permits: number, options: HoldOptions): Promise<LockHandle | Refusal> {
    const what = `acquire of '${lockable.key}' for ${ownerText(owner)}`;
    const { client } = this;
    const { signal } = options;
    const began = now();
    const waitMs = options.waitMs === Infinity ? TIME_MS_MAX : inRange("waitMs", options.waitMs ?? 0, 0, TIME_MS_MAX);
    const ttlMs = options.ttlMs === undefined ? undefined : inRange("ttlMs", options.ttlMs, 1, TIME_MS_MAX);
    const isBounded = waitMs > 0 && options.waitMs !== Infinity;
    const limitMs = isBounded ? waitMs + client.requestTimeoutMs / 10 : client.requestTimeoutMs;
    if (permits > this.max) {
      throw this.#tooMany(lockable, permits, this.max, "more than there are");
    }
    const giveUp = (give: (reason: unknown) => void) => {
      const abort = () => give(signal?.reason);
      const stop = client.onClosing(() => give(new LockClientClosedError(what)));
      signal?.addEventListener("abort", abort);
      if (signal?.aborted) {
        abort();
      }
      return () => {
        stop();
        signal?.removeEventListener("abort", abort);
      };
    };
    const session = await until(client.session(what), limitMs, () => new LockUnavailableError(what), giveUp);
    const command = session.command(
      "acquire",
      {
        kind: this.kind,
        key: lockable.key,
        owner,
        ...(this.kind === "semaphore" ? { permits, limit: this.max } : {}),
        ...(ttlMs === undefined ? {} : { ttlMs }),
      },
      isBounded ? Math.max(0, Math.floor(waitMs - (now() - began))) : waitMs,
    );
    let answer: Answer | undefined;
    try {
      // One that waits without a limit is given up only if nothing is known of it.
      const late = () => (command.queued && !isBounded ? undefined : new TimedOut());
      answer = await until(command.answer, limitMs - (now() - began), late, giveUp);
      return this.#decided(lockable, owner, permits, ttlMs, command, answer);
    } catch (error) {
      if (answer === undefined) {
        undo(command);
      }
      throw explained(error, what, command, ttlMs);
    }
  }

  #decided(
    lockable: Lockable,
    owner: LockOwner,
    permits: number,
    ttlMs: number | undefined,
    command: Command,
    { status, body, sentAt }: Answer,
  ): LockHandle | Refusal {
    const detail = String(body["detail"]);
    if (status === 200) {
      const { session } = command;
      const token = body["token"] as number;
      const left = body["leaseLeftMs"];
      const term = isTime(left) ? termOf(sentAt, left, ttlMs) : undefined;
      if (term === undefined && session.isOver) {
        throw new SessionOver(true);
      }
      if (command.lost.has(token) || (term !== undefined && term.deadline <= now())) {
        throw this.#lostAtOnce(lockable, owner);
      }
      const hold = this.client.holds.of(this.kind, lockable, owner, token);
      hold.confirm(session, term);
      return new LockHandle(hold, permits, this);
    }
    switch (body["code"]) {
      case "held":
        return { timedOut: false, detail, holder: ownerOf(body["holder"]), available: Number(body["available"] ?? 0) };
      case "wait-ended":
        return { timedOut: true, detail, holder: undefined, available: 0 };
      case "hold-over":
        throw this.#lostAtOnce(lockable, owner);
      case "capacity-exceeded":
        throw this.#tooMany(lockable, permits, Number(body["available"] ?? 0), detail);
      default:
        throw rejection({ kind: "answer", status, body, sentAt });
    }
  }

  #lostAtOnce(lockable: Lockable, owner: LockOwner): LockError {
    return new LockExpiredError(
      `'${lockable.key}' was granted to ${ownerText(owner)}, and was lost before this client knew. Acquire it again.`,
      lockable.key,
      new Date(),
    );
  }

  #tooMany(lockable: Lockable, requested: number, available: number, detail: string): LockError {
    return new SemaphoreCapacityExceededError(
      `${requested} permits of '${lockable.key}' were asked for, of ${this.max}: ${detail}.`,
      lockable.key,
      requested,
      available,
      this.max,
    );
  }

  #refused(lockable: Lockable, permits: number, { timedOut, detail, holder, available }: Refusal): LockError {
    if (this.kind === "mutex") {
      return new LockAlreadyHeldError(`Not acquired: ${detail}.`, lockable.key, holder?.type ?? "", holder?.id ?? "");
    }
    return timedOut
      ? new SemaphoreWaitTimedOutError(`Not acquired: ${detail}.`, lockable.key, permits, this.max)
      : this.#tooMany(lockable, permits, available, detail);
  }

  /** Of a handle. Asking again asks what became of the release that is under way. */
  release(handle: LockHandle): Promise<void> {
    const { hold } = handle;
    return this.#hookedRelease(hold.owner, hold.lockable, handle.permits, async () => {
      if (handle.state === "released" || handle.state === "lost") {
        throw handle.whyNot!;
      }
      let release = this.#releases.get(handle);
      if (release === undefined) {
        // The whole hold of a lock ends, however often it was acquired.
        release = this.#releaseOf(hold, this.kind === "mutex" ? undefined : handle.permits, handle);
        this.#releases.set(handle, release);
        release.done = release.done.finally(() => this.#releases.delete(handle));
        release.done.catch(() => {});
      }
      try {
        await this.#await(release);
      } catch (error) {
        throw error instanceof SessionOver ? (handle.whyNot ?? new LockOutcomeUnknownError(release.what, error)) : error;
      }
    }, handle);
  }

  /** Of whatever that owner holds, from whichever process it was acquired. */
  releaseBy(owner: LockOwner, lockable: Lockable, permits: number | undefined): Promise<void> {
    return this.#hookedRelease(owner, lockable, permits ?? 1, async () => {
      const hold = this.client.holds.find(this.kind, lockable, owner);
      const release =
        hold !== undefined
          ? this.#releaseOf(hold, permits, permits === undefined && hold.handles.size === 1 ? [...hold.handles][0] : undefined)
          : this.#pursue("release", owner, lockable, (await this.#holdOf(owner, lockable)).token, permits === undefined ? {} : { permits });
      try {
        await this.#await(release);
      } catch (error) {
        throw error instanceof SessionOver ? new LockSessionLostError(release.what) : error;
      }
    });
  }

  #hookedRelease(owner: LockOwner, lockable: Lockable, count: number, operation: () => Promise<void>, handle?: LockHandle): Promise<void> {
    const { hooks } = this;
    let released = false;
    return hooked(
      this.client.onHookError,
      hooks.beforeRelease?.bind(hooks),
      hooks.afterRelease?.bind(hooks),
      { owner, lockable, operation: "release", count },
      async () => {
        await operation();
        released = handle === undefined || handle.state === "released";
      },
      () => ({ released }),
    );
  }

  /**
   * @param permits `undefined` for the whole hold
   * @param handle which is released by that, if one is
   */
  #releaseOf(hold: Hold, permits: number | undefined, handle: LockHandle | undefined): Pursuit {
    const doubt = (begins: boolean) => {
      if (handle !== undefined && permits !== undefined) {
        handle.doubtful = begins;
      } else {
        hold.doubts += begins ? 1 : -1;
      }
    };
    doubt(true);
    const release = this.#pursue("release", hold.owner, hold.lockable, hold.token, permits === undefined ? {} : { permits }, hold.session);
    release.done = release.done.then(
      (answer) => {
        handle?.finish();
        doubt(false);
        if (answer.body["remaining"] === 0) {
          hold.end("released-by-owner");
        }
        return answer;
      },
      (error: unknown) => {
        doubt(false);
        if (error instanceof NotHeld && error.held === 0) {
          hold.end("not-held");
        }
        throw error;
      },
    );
    release.done.catch(() => {});
    return release;
  }

  async extend(handle: LockHandle, ttlMs: number): Promise<void> {
    if (!handle.isHeld) {
      handle.requireHeld();
    }
    await this.#extend(handle.owner, handle.lockable, handle.token, ttlMs, handle.hold);
  }

  async extendBy(owner: LockOwner, lockable: Lockable, ttlMs: number): Promise<void> {
    const hold = this.client.holds.find(this.kind, lockable, owner);
    const token = hold?.token ?? (await this.#holdOf(owner, lockable)).token;
    await this.#extend(owner, lockable, token, ttlMs, hold);
  }

  async #extend(owner: LockOwner, lockable: Lockable, token: number, ttl: number, hold: Hold | undefined): Promise<void> {
    const { hooks } = this;
    const ttlMs = inRange("ttlMs", ttl, 1, TIME_MS_MAX);
    await hooked(
      this.client.onHookError,
      hooks.beforeExtend?.bind(hooks),
      hooks.afterExtend?.bind(hooks),
      { owner, lockable, operation: "extend", ttlMs },
      async () => {
        const extension = this.#pursue("extend", owner, lockable, token, { ttlMs }, hold?.session);
        extension.done = extension.done.then((answer) => {
          const left = answer.body["leaseLeftMs"];
          if (hold?.loss === undefined && isTime(left)) {
            hold?.prolong(termOf(answer.sentAt, left, ttlMs));
            hold?.check();
          }
          return answer;
        });
        extension.done.catch((error: unknown) => {
          if (error instanceof NotHeld) {
            hold?.end("not-held");
          }
        });
        try {
          return await this.#await(extension);
        } catch (error) {
          throw error instanceof SessionOver ? new LockSessionLostError(extension.what) : error;
        }
      },
      (answer) => ({ extended: answer !== undefined }),
    );
  }

  async forceRelease(lockable: Lockable): Promise<boolean> {
    const { hooks } = this;
    const what = `forced release of '${lockable.key}'`;
    const body = await hooked(
      this.client.onHookError,
      hooks.beforeForceRelease?.bind(hooks),
      hooks.afterForceRelease?.bind(hooks),
      { owner: { type: "system", id: "force" }, lockable, operation: "forceRelease" },
      () => this.client.once("/v1/lockable/force-release", { kind: this.kind, key: lockable.key }, what),
      () => ({}),
    );
    return Number(body["taken"]) > 0;
  }

  async look(lockable: Lockable): Promise<LockableInfo> {
    const query = new URLSearchParams({ kind: this.kind, key: lockable.key });
    const body = await this.client.query(`/v1/lockable?${query}`, `look at '${lockable.key}'`);
    const holds = (body["holds"] as Json[]).map((hold) => ({ ...hold, owner: ownerOf(hold["owner"]) }));
    return { held: Number(body["held"]), holds: holds as unknown as HoldInfo[] };
  }

  async #holdOf(owner: LockOwner, lockable: Lockable): Promise<HoldInfo> {
    const { holds } = await this.look(lockable);
    const own = holds.find((hold) => ownerKey(hold.owner) === ownerKey(owner));
    if (own !== undefined) {
      return own;
    }
    if (holds.length >= HOLDS_SHOWN) {
      throw new LockError(
        `'${lockable.key}' has so many holders that not all are shown, so that of ${ownerText(owner)} cannot be found. Use its handle.`,
      );
    }
    const instead = holds[0] === undefined ? "nobody holds it" : `it is held by ${ownerText(holds[0].owner)}`;
    throw new LockNotHeldError(`'${lockable.key}' is not held by ${ownerText(owner)}: ${instead}.`, lockable.key, owner.type, owner.id);
  }

  /** Has it done, whether the caller waits for it or not. */
  #pursue(action: "release" | "extend", owner: LockOwner, lockable: Lockable, token: number, more: Json, preferred?: Session): Pursuit {
    const what = `${action === "extend" ? "extension" : action} of '${lockable.key}' by ${ownerText(owner)}`;
    const pursuit = { what, isStopped: false } as Pursuit;
    pursuit.done = (async () => {
      const session = preferred ?? (await this.client.session(what));
      if (pursuit.isStopped) {
        throw new Stopped();
      }
      pursuit.command = session.command(action, { kind: this.kind, key: lockable.key, owner, token, ...more });
      const answer = await pursuit.command.answer;
      if (answer.status === 200) {
        return answer;
      }
      const code = answer.body["code"];
      throw code === "not-held" || code === "hold-over"
        ? new NotHeld(`Not done: ${String(answer.body["detail"])}.`, lockable.key, owner, Number(answer.body["held"] ?? 0))
        : rejection(answer);
    })();
    return pursuit;
  }

  /** Waits for it as long as requests may take. What has certainly not been done by then is not done later. */
  async #await(pursuit: Pursuit): Promise<Answer> {
    try {
      return await until(pursuit.done, this.client.requestTimeoutMs, () => new TimedOut());
    } catch (error) {
      if (error instanceof Stopped) {
        throw new LockUnavailableError(pursuit.what, error.cause);
      }
      if (error instanceof RefusedAttempt) {
        throw pursuit.command?.maybe ? new LockOutcomeUnknownError(pursuit.what, error.error) : error.error;
      }
      if (!(error instanceof TimedOut)) {
        throw error;
      }
      const { command } = pursuit;
      if (command === undefined || !command.maybe) {
        pursuit.isStopped = true;
        command?.stop();
        throw new LockUnavailableError(pursuit.what, command?.failure);
      }
      throw new LockOutcomeUnknownError(pursuit.what, command.failure);
    }
  }
}

/** Something that goes on until it is known what became of it. */
interface Pursuit {
  readonly what: string;
  command?: Command;
  isStopped: boolean;
  done: Promise<Answer>;
}

class TimedOut extends Error {}

class NotHeld extends LockNotHeldError {
  constructor(
    message: string,
    key: string,
    owner: LockOwner,
    /** How many permits are held, if those are too few. */
    readonly held: number,
  ) {
    super(message, key, owner.type, owner.id);
  }
}

/** A TTL is suspect when less than a fifth of it is left. */
function termOf(sentAt: number, leftMs: number, ttlMs: number | undefined): Term {
  return { suspectAt: sentAt + leftMs - (ttlMs ?? leftMs) / 5, deadline: sentAt + leftMs };
}

/** Has the cluster undo an acquire that nobody waits for any more, if it may have taken effect. */
function undo(command: Command): void {
  command.stop();
  const { session, sequence, body } = command;
  const { kind, key, owner, permits } = body;
  void command.answer.then(
    (answer) => {
      // It came at the last moment. What the owner had before, it keeps.
      if (answer.status === 200 && !(kind === "mutex" && answer.body["reacquired"] === true)) {
        const more = permits === undefined ? {} : { permits };
        session.command("release", { kind, key, owner, token: answer.body["token"], ...more });
      }
    },
    (error: unknown) => {
      const done = () => session.done(sequence);
      if (error instanceof Stopped && !command.maybe) {
        done();
      } else if (!session.isOver) {
        session.command("cancel-acquire", { kind, key, acquireSequence: sequence }).answer.then(done, done);
      }
    },
  );
}

function explained(error: unknown, what: string, command: Command, ttlMs: number | undefined): unknown {
  if (error instanceof SessionOver) {
    return error.maybe && ttlMs !== undefined ? new LockOutcomeUnknownError(what, error) : new LockSessionLostError(what);
  }
  if (error instanceof TimedOut) {
    return command.maybe ? new LockOutcomeUnknownError(what, command.failure) : new LockUnavailableError(what, command.failure);
  }
  if (error instanceof RefusedAttempt) {
    return command.maybe ? new LockOutcomeUnknownError(what, error.error) : error.error;
  }
  return error;
}

function because(error: LockError, end: object): LockError {
  if ("error" in end) {
    error.cause ??= end.error;
  }
  return error;
}

function ownerOf(value: unknown): LockOwner | undefined {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const { type, id, within } = value as { type: string; id: string; within: LockOwner["within"] | null };
  return within ? { type, id, within } : { type, id };
}

/**
 * What the promise comes to; or, if it takes longer, what `onTimeout` says, which may be nothing, and then it waits on; or the reason for which
 * it is given up. `giveUp` subscribes to that, and its result ends the subscription.
 */
async function until<T>(
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
