package dev.holdfast.spring.boot.actuate;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.SessionListener;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What was last heard of the client's session. If there are several groups, of the one that there was news of. Any thread may ask. */
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
    private volatile News news = new News(State.NONE, null);

    SessionNews(HoldfastClient client, Clock clock) {
        registration = client.onSession(new SessionListener() {
            @Override
            public void onOpened() {
                now(State.OPEN);
            }

            @Override
            public void onSuspect() {
                now(State.SUSPECT);
            }

            @Override
            public void onRenewed() {
                now(State.OPEN);
            }

            @Override
            public void onLost() {
                news = new News(State.LOST, clock.instant());
            }

            /** Listeners are called one after the other. */
            private void now(State state) {
                news = new News(state, news.lostAt());
            }
        });
    }

    News last() {
        return news;
    }

    @Override
    public void close() {
        registration.close();
    }
}
