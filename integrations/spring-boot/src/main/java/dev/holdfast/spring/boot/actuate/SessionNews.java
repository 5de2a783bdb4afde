package dev.holdfast.spring.boot.actuate;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.SessionListener;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How the client's sessions are: there is one in each group that it used. As long as one of them is suspect, that is what it says. Any thread
 * may ask.
 *
 * <p>A listener is not told which session its news is about. So a loss is taken to be that of a suspect one if there are any, which may be wrong
 * until the other is confirmed or lost, for half of its lease.
 */
final class SessionNews implements AutoCloseable {
    /** What there may be to hear. */
    enum State {
        NONE("none yet"),
        OPEN("open"),
        SUSPECT("not confirmed for half of its lease"),
        LOST("lost, and with it what it held; the next operation opens another");

        private final String words;

        State(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /**
     * The news.
     *
     * @param lostAt when a session was last lost; {@code null} if none was
     */
    record News(State state, @Nullable Instant lostAt) {}

    private final HoldfastClient.Registration registration;
    private final HoldfastClient client;
    private volatile int suspects;
    private volatile @Nullable Instant lostAt;

    SessionNews(HoldfastClient client, Clock clock) {
        this.client = client;
        registration = client.onSession(new SessionListener() {
            @Override
            public void onSuspect() {
                add(1);
            }

            @Override
            public void onRenewed() {
                add(-1);
            }

            @Override
            public void onLost() {
                lostAt = clock.instant();
                add(-1);
            }

            /** Calls come one after the other. That a session is suspect may have been told before there was a listener. */
            @SuppressWarnings("NonAtomicVolatileUpdate")
            private void add(int more) {
                suspects = Math.max(0, suspects + more);
            }
        });
    }

    News last() {
        return new News(state(), lostAt);
    }

    private State state() {
        boolean open = !client.sessionIds().isEmpty();
        // A session that is not open any more is not about to be lost; that it was has not arrived here yet.
        if (open && suspects > 0) {
            return State.SUSPECT;
        }
        if (open) {
            return State.OPEN;
        }
        return lostAt == null ? State.NONE : State.LOST;
    }

    @Override
    public void close() {
        registration.close();
    }
}
