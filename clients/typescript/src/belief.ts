import { now } from "./transport.js";

/** The longest time that timers have. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/**
 * What this client believes about one lease: held until a deadline, suspect from some time before, lost from then on. The state follows from
 * the clock at the moment of asking, and not from a timer, which is late in a process that stood still. Lost is final: whoever was told so
 * once is never told otherwise, even when a confirmation was under way.
 */
export class Belief {
  #suspectAt: number;
  #deadline: number;
  #lost = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #now: () => number;

  constructor(suspectAt: number, deadline: number, clock: () => number = now) {
    this.#suspectAt = suspectAt;
    this.#deadline = deadline;
    this.#now = clock;
  }

  get state(): "held" | "suspect" | "lost" {
    const time = this.#now();
    this.#lost ||= time >= this.#deadline;
    return this.#lost ? "lost" : time >= this.#suspectAt ? "suspect" : "held";
  }

  /** Whether half of the time is over that was left when it became suspect: whoever needs time to stop has to begin. */
  get isInDanger(): boolean {
    return this.state === "lost" || this.#now() >= this.#dangerAt;
  }

  /** At least so much is left. */
  get leftMs(): number {
    return this.state === "lost" ? 0 : this.#deadline - this.#now();
  }

  /** Moves the deadline on; an earlier one changes nothing. False if the lease is lost already. */
  confirm(suspectAt: number, deadline: number): boolean {
    if (this.state === "lost") {
      return false;
    }
    if (deadline > this.#deadline) {
      this.#deadline = deadline;
      this.#suspectAt = suspectAt;
      this.#tell();
    }
    return true;
  }

  /** Gives it up at once. */
  expire(): void {
    this.#lost = true;
    this.#tell();
  }

  /** Calls the listener when the state changes or danger begins, perhaps more often. The result ends that. */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#schedule();
    return () => {
      this.#listeners.delete(listener);
      this.#schedule();
    };
  }

  get #dangerAt(): number {
    return this.#deadline - Math.max(0, this.#deadline - this.#suspectAt) / 2;
  }

  #tell(): void {
    this.#schedule();
    for (const listener of [...this.#listeners]) {
      listener();
    }
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const time = this.#now();
    const next = [this.#suspectAt, this.#dangerAt, this.#deadline].find((instant) => instant > time);
    if (!this.#lost && next !== undefined && this.#listeners.size > 0) {
      this.#timer = setTimeout(() => this.#tell(), Math.min(Math.ceil(next - time), TIMER_MS_MAX));
    }
  }
}
