package dev.holdfast.http.internal.api;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpStatus;

/** How many calls may wait at this peer at the same time: in all, and for each who calls. Thread-safe. */
final class WaitingRoom {
    static final int MAX = 10_000;

    /** A quarter of all, so that nobody keeps everybody else out. */
    static final int PER_CALLER_MAX = MAX / 4;

    private static final int RETRY_AFTER_S = 2;

    private final int max;
    private final int perCallerMax;

    /** By what each caller has of its own: the way to the leaders. */
    private final Map<Object, Integer> present = new HashMap<>();

    private int all;

    WaitingRoom() {
        this(MAX, PER_CALLER_MAX);
    }

    WaitingRoom(int max, int perCallerMax) {
        this.max = max;
        this.perCallerMax = perCallerMax;
    }

    /** A call that waits, until it is left. */
    interface Place {
        /** Leaving again does nothing. */
        void leave();
    }

    /** @throws Problem if there is no room */
    synchronized Place enter(Object caller) {
        if (all >= max) {
            throw new Problem(
                            HttpStatus.SERVICE_UNAVAILABLE_503,
                            "busy",
                            "at this peer " + max + " calls wait already: ask another peer, or later")
                    .retryAfter(RETRY_AFTER_S);
        }
        int own = present.getOrDefault(caller, 0);
        if (own >= perCallerMax) {
            throw new Problem(
                            HttpStatus.TOO_MANY_REQUESTS_429,
                            "busy",
                            "of this caller " + own + " calls wait at this peer already, and no more may")
                    .retryAfter(RETRY_AFTER_S);
        }
        all++;
        present.put(caller, own + 1);
        AtomicBoolean left = new AtomicBoolean();
        return () -> {
            if (left.compareAndSet(false, true)) {
                leave(caller);
            }
        };
    }

    private synchronized void leave(Object caller) {
        all--;
        present.computeIfPresent(caller, (unused, count) -> count == 1 ? null : count - 1);
    }
}
