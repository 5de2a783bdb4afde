import { Belief } from "./belief.js";
import {
  LockClientClosedError,
  LockExpiredError,
  LockExpiringError,
  LockNotHeldError,
  LockOutcomeUnknownError,
  type LockError,
} from "./errors.js";
import { type LockOwner, type Lockable, ownerKey, ownerText } from "./lockable.js";
import type { Lost, Session } from "./session.js";

export type Kind = "mutex" | "semaphore";

/** `in-doubt`: a release was sent, and nobody here knows yet what became of it. `lost` and `released` are final. */
export type HoldState = "held" | "suspect" | "in-doubt" | "lost" | "released";

/** Why a hold was lost. */
export type LossReason =
  | "expired"
  | "session-lost"
  | "force-released"
  | "released-elsewhere"
  | "released-by-owner"
  | "not-held"
  | "client-closed";

/** Until when a TTL lasts, and from when on it is short. */
export interface Term {
  readonly suspectAt: number;
  readonly deadline: number;
}

/** That of a hold until it is released. */
export const ENDLESS: Term = { suspectAt: Infinity, deadline: Infinity };

/** A TTL is suspect when less than a fifth of it is left. */
export function termOf(sentAt: number, leftMs: number, ttlMs = leftMs): Term {
  return { suspectAt: sentAt + leftMs - ttlMs / 5, deadline: sentAt + leftMs };
}

/** A hold, by its token. */
export interface HoldName {
  readonly kind: Kind;
  readonly lockable: Lockable;
  readonly owner: LockOwner;
  readonly token: number;
}

/** What the facade does for a handle. */
export interface HandleActions {
  release(handle: LockHandle): Promise<void>;
  extend(handle: LockHandle, ttlMs: number): Promise<void>;
}

/** One owner's grip on one lockable, as far as this client has it. All handles of that owner's acquires share it. */
export class Hold implements HoldName {
  readonly handles = new Set<LockHandle>();
  /** Releases of it that are under way, or may have been done. */
  doubts = 0;
  #loss: LossReason | undefined;
  #ttl: Belief | undefined;
  /** The sessions in which it was acquired, and whether they keep it. */
  readonly #sessions = new Map<Session, boolean>();
  readonly #unwatch: (() => void)[] = [];

  constructor(
    readonly kind: Kind,
    readonly lockable: Lockable,
    readonly owner: LockOwner,
    readonly token: number,
    private readonly onOver: (hold: Hold, isSure: boolean) => void,
  ) {}

  get loss(): LossReason | undefined {
    if (this.#loss === undefined && this.#lease === "lost") {
      // By this client's clock. The cluster may still have it, and an acquire that is under way may prolong it.
      this.end(this.#ttl === undefined ? "session-lost" : "expired", false);
    }
    return this.#loss;
  }

  get state(): "held" | "suspect" | "lost" {
    return this.loss === undefined ? this.#lease : "lost";
  }

  /** A session that it was acquired in, and that lives. */
  get session(): Session | undefined {
    return [...this.#sessions.keys()].find((session) => !session.isOver);
  }

  get leftMs(): number {
    return this.loss === undefined ? Math.max(0, ...this.#beliefs.map((belief) => belief.leftMs)) : 0;
  }

  get isInDanger(): boolean {
    return this.loss !== undefined || this.#beliefs.every((belief) => belief.isInDanger);
  }

  /** It was acquired in that session, which keeps it if there is no TTL. */
  confirm(session: Session, ttl: Term | undefined): void {
    const known = this.#sessions.get(session);
    this.#sessions.set(session, known === true || ttl === undefined);
    session.users.add(this);
    if (known === undefined) {
      this.#unwatch.push(session.belief.watch(() => this.check()));
    }
    if (ttl !== undefined) {
      this.#prolong(ttl);
    }
    this.check();
  }

  /** It is extended. Permits that sessions keep end with these all the same, so of a semaphore that concerns only those with a TTL. */
  extend(term: Term): void {
    if (this.kind === "mutex" || this.#ttl !== undefined) {
      this.#prolong(term);
    }
  }

  #prolong({ suspectAt, deadline }: Term): void {
    if (this.#ttl === undefined) {
      this.#ttl = new Belief(suspectAt, deadline);
      this.#unwatch.push(this.#ttl.watch(() => this.check()));
    } else {
      this.#ttl.confirm(suspectAt, deadline); // Which checks, too.
    }
  }

  /** Looks at the clock, and tells the handles what has changed. */
  check(): void {
    if (this.loss === undefined) {
      this.#tell();
    }
  }

  /**
   * It is over.
   *
   * @param isSure whether it is in the cluster, too
   */
  end(reason: LossReason, isSure = true): void {
    if (this.#loss !== undefined) {
      return;
    }
    this.#loss = reason;
    this.#unwatch.forEach((unwatch) => unwatch());
    this.onOver(this, isSure);
    for (const session of this.#sessions.keys()) {
      session.release(this);
    }
    this.#tell();
  }

  /** Its owner has released so many permits: those that have no handle outside, and then those of the youngest. */
  giveBack(permits: number): void {
    const handles = [...this.handles].reverse().filter((handle) => handle.state !== "lost" && handle.doubts === 0);
    for (const handle of [...handles.filter((each) => each.isDetached), ...handles.filter((each) => !each.isDetached)]) {
      permits -= handle.giveBack(permits);
    }
  }

  #tell(): void {
    for (const handle of [...this.handles]) {
      handle.check();
    }
  }

  get #beliefs(): Belief[] {
    const kept = [...this.#sessions].filter(([, keeps]) => keeps).map(([session]) => session.belief);
    return this.#ttl === undefined ? kept : [...kept, this.#ttl];
  }

  get #lease(): "held" | "suspect" | "lost" {
    const states = this.#beliefs.map((belief) => belief.state);
    if (states.includes("held")) {
      // Nobody tells of the end of one that has outlived its sessions.
      return this.session === undefined ? "suspect" : "held";
    }
    return states.includes("suspect") ? "suspect" : "lost";
  }
}

/** One granted acquire. */
export class LockHandle {
  readonly #hold: Hold;
  readonly #actions: HandleActions;
  readonly #stop = new AbortController();
  readonly #onSuspect: (() => void)[] = [];
  readonly #onLost: ((reason: LossReason) => void)[] = [];
  #permits: number;
  #isDetached = false;
  #suspect = false;
  #told = false;
  #released = false;
  #loss: LossReason | undefined;
  #lostAt = new Date();
  /** Whose end ends its permits, whatever becomes of the others of its owner. */
  readonly #keeper: Session | undefined;
  /** @internal Releases of its own permits that are under way, or may have been done. */
  doubts = 0;

  /** Made by `hold` and `tryHold`. */
  constructor(
    hold: Hold,
    permits: number,
    /** @internal Where it was acquired. */
    readonly session: Session,
    isKeptBySession: boolean,
    actions: HandleActions,
  ) {
    this.#hold = hold;
    this.#permits = permits;
    this.#keeper = hold.kind === "semaphore" && isKeptBySession ? session : undefined;
    this.#actions = actions;
    hold.handles.add(this);
  }

  /** The permits that it stands for, less those that were released without it; 1 of a lock. */
  get permits(): number {
    return this.#permits;
  }

  get lockable(): Lockable {
    return this.#hold.lockable;
  }

  get owner(): LockOwner {
    return this.#hold.owner;
  }

  /** The fencing token: greater than that of every earlier hold. Pass it along with what is written under the lock. */
  get token(): number {
    return this.#hold.token;
  }

  /** What this client believes right now. */
  get state(): HoldState {
    if (this.#released) {
      return "released";
    }
    const state = this.#belief;
    return state !== "lost" && this.doubts + this.#hold.doubts > 0 ? "in-doubt" : state;
  }

  get isHeld(): boolean {
    return this.state === "held" || this.state === "suspect";
  }

  /** Returns if it is held, and throws if not. A belief, not a guard: pass the token to what the lock protects. */
  requireHeld(): void {
    if (!this.isHeld) {
      throw this.whyNot ?? new LockOutcomeUnknownError(`release of '${this.lockable.key}' by ${ownerText(this.owner)}`);
    }
  }

  /** For how long, at least, this client will believe in it if it hears nothing more; `Infinity` if only a release ends it. */
  get leaseLeftMs(): number {
    return this.isHeld ? (this.#keeper?.belief ?? this.#hold).leftMs : 0;
  }

  /** Why it was lost, if it was. */
  get lossReason(): LossReason | undefined {
    if (this.#released) {
      return undefined;
    }
    const loss = this.#keeper?.isOver ? "session-lost" : this.#hold.loss;
    if (loss !== undefined && this.#loss === undefined) {
      this.#loss = loss;
      this.#lostAt = new Date();
    }
    return this.#loss;
  }

  /**
   * Aborted when it is time to stop: when half of the time is over that was left when the hold became suspect, and it was not renewed; at once
   * when it is lost. Not when it is released.
   */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Calls the listener each time the hold becomes suspect, and soon if it is. */
  onSuspect(listener: () => void): void {
    this.#onSuspect.push(listener);
    if (this.state === "suspect") {
      queueMicrotask(listener);
    }
  }

  /** Calls the listener once, when the hold is lost, and soon if it is. */
  onLost(listener: (reason: LossReason) => void): void {
    if (this.#told) {
      queueMicrotask(() => listener(this.#loss!));
    } else {
      this.#onLost.push(listener);
      this.#hold.check();
    }
  }

  /** Makes it live at least that long from now; never shortens it. Permits without a TTL end with the session all the same. */
  extend(ttlMs: number): Promise<void> {
    return this.#actions.extend(this, ttlMs);
  }

  /** Gives it back. Again after a `LockOutcomeUnknownError`: that settles it, but of permits only as long as the session lives. */
  release(): Promise<void> {
    return this.#actions.release(this);
  }

  /** Gives it back if it is still held, and does nothing if it is released or lost. */
  async close(): Promise<void> {
    try {
      if (this.state !== "released" && this.state !== "lost") {
        await this.release();
      }
    } catch (error) {
      if (this.state !== "released" && this.state !== "lost") {
        throw error;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #belief(): "held" | "suspect" | "lost" {
    return this.lossReason !== undefined ? "lost" : (this.#keeper?.belief ?? this.#hold).state;
  }

  /** @internal */
  get hold(): Hold {
    return this.#hold;
  }

  /** @internal It is given back: what becomes of the hold is no loss of it. */
  finish(): void {
    this.#released = true;
    this.#hold.handles.delete(this);
  }

  /** @internal So many of its permits were released without it. Returns how many it had of these. */
  giveBack(most: number): number {
    const less = Math.min(most, this.permits);
    if (less === this.permits) {
      this.finish();
    } else {
      this.#permits -= less;
    }
    return less;
  }

  /** @internal It is lost, though others of its owner may have something left. */
  lose(reason: LossReason): void {
    this.#loss ??= reason;
    this.check();
  }

  /** @internal Why it is not held; `undefined` if that is not known. */
  get whyNot(): LockError | undefined {
    const key = this.lockable.key;
    const owner = ownerText(this.owner);
    const reason = this.lossReason;
    if (reason === "expired" || reason === "session-lost") {
      const why = reason === "expired" ? "its time ran out" : "the session that kept it was lost";
      return new LockExpiredError(
        `The hold of ${owner} on '${key}' is over: ${why}. Others may have acquired it since; use a longer lease, or extend it in time.`,
        key,
        this.#lostAt,
      );
    }
    if (reason === "client-closed") {
      return new LockClientClosedError(`hold of ${owner} on '${key}'`);
    }
    return reason !== undefined || this.#released
      ? new LockNotHeldError(
          `'${key}' is not held any more by ${owner} with the token ${this.token}: ${words(reason)}.`,
          key,
          this.owner.type,
          this.owner.id,
        )
      : undefined;
  }

  /** @internal Nobody has it: it only counts permits, which the releases of their owner take first, along with others like it. */
  detach(): void {
    const { handles, kind } = this.#hold;
    const like = [...handles].find((each) => each.#isDetached && each.#keeper === this.#keeper && each.doubts === 0);
    this.#isDetached = true;
    if (kind === "mutex" || like !== undefined) {
      handles.delete(this);
    }
    if (like !== undefined) {
      like.#permits += this.#permits;
    }
  }

  /** @internal */
  get isDetached(): boolean {
    return this.#isDetached;
  }

  /** @internal Tells what has changed. */
  check(): void {
    const state = this.state;
    if (state === "released" || this.#told) {
      return;
    }
    const reason = this.lossReason;
    if (reason !== undefined) {
      this.#told = true;
      this.#hold.handles.delete(this);
      this.#stop.abort(this.whyNot);
      this.#onLost.forEach((listener) => queueMicrotask(() => listener(reason)));
      return;
    }
    const isSuspect = this.#belief === "suspect";
    if (isSuspect && !this.#suspect) {
      this.#onSuspect.forEach((listener) => queueMicrotask(listener));
    }
    this.#suspect = isSuspect;
    if ((this.#keeper?.belief ?? this.#hold).isInDanger && !this.#stop.signal.aborted) {
      this.#stop.abort(new LockExpiringError(this.lockable.key, this.owner));
    }
  }
}

function words(reason: LossReason | undefined): string {
  return reason === undefined ? "this handle has released it" : `it is ${reason.replaceAll("-", " ")}`;
}

/** All that this client holds. */
export class Holds {
  readonly #byLockable = new Map<string, Map<number, Hold>>();

  /** @param onOver hears of each that is over in the cluster */
  constructor(private readonly onOver: (hold: HoldName) => void) {}

  /** The hold with that token, which may be known from another acquire. */
  of(kind: Kind, lockable: Lockable, owner: LockOwner, token: number): Hold {
    const id = `${kind} ${lockable.key}`;
    const holds = this.#byLockable.get(id) ?? new Map<number, Hold>();
    this.#byLockable.set(id, holds);
    let hold = holds.get(token);
    if (hold === undefined) {
      hold = new Hold(kind, lockable, owner, token, (over, isSure) => {
        holds.delete(token);
        if (holds.size === 0) {
          this.#byLockable.delete(id);
        }
        if (isSure) {
          this.onOver(over);
        }
      });
      holds.set(token, hold);
    }
    return hold;
  }

  /** What that owner holds, as far as is known here. */
  find(kind: Kind, lockable: Lockable, owner: LockOwner): Hold | undefined {
    const holds = [...(this.#byLockable.get(`${kind} ${lockable.key}`)?.values() ?? [])];
    const own = holds.filter((hold) => ownerKey(hold.owner) === ownerKey(owner) && hold.state !== "lost");
    return own.sort((a, b) => b.token - a.token)[0];
  }

  onLost({ kind, key, token, reason }: Lost): void {
    this.#byLockable.get(`${kind} ${key}`)?.get(token)?.end(reason);
  }

  /** That one is over in the cluster, though it may be that only an answer under way tells of it. */
  end(name: HoldName, reason: LossReason): void {
    const hold = this.#byLockable.get(`${name.kind} ${name.lockable.key}`)?.get(name.token);
    hold === undefined ? this.onOver(name) : hold.end(reason);
  }

  get all(): Hold[] {
    return [...this.#byLockable.values()].flatMap((holds) => [...holds.values()]);
  }
}
