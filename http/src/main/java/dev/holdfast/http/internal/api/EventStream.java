package dev.holdfast.http.internal.api;

import com.google.gson.JsonObject;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a session is told, as server-sent events: grants of what it waits for, losses, and its own end. Each has the place in all groups as its
 * id, so that whoever connects again goes on behind the last that it has.
 *
 * <p>Every so often the leaders are asked whether the session is open. If one has not answered for half of the lease, the stream says {@code
 * suspect}: the caller's heartbeats may fail as well. It does not renew the lease: a stream stays open when the program behind it
 * hangs.
 *
 * <p>It ends after some minutes, so that who asks is found out anew, and a reader that takes nothing is cut off. Its state is touched by
 * tasks of one serial executor.
 *
 * <p>See {@code docs/adr/021-locks-over-http.md}.
 */
public final class EventStream {
    static final long LIFE_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final long UNREAD_NANOS_MAX = TimeUnit.SECONDS.toNanos(15);
    private static final long BEAT_NANOS_MAX = TimeUnit.SECONDS.toNanos(5);
    private static final long BEAT_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(100);

    /** So that there are several before half of the lease is over. */
    private static final int BEATS_PER_LEASE = 8;

    /** A leader is asked once in a beat, so of a lease that is shorter than these nothing is said before they are over. */
    private static final int MISSED_BEATS_MIN = 3;

    /** While that much is not written, nothing is added to it. */
    private static final int UNWRITTEN_ENOUGH = 32 << 10;

    private final HttpSession session;
    private final List<Part> parts = new ArrayList<>();
    private final Serial serial;
    private final long beatNanos;
    private final long suspectNanos;
    private final long beganNanos = System.nanoTime();
    private final StringBuilder unwritten = new StringBuilder("retry: 1000\n\n");
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private EventCursor cursor;
    private Output output = Output.NOWHERE;
    private boolean writing;
    private long writingSinceNanos;
    private boolean finishing;
    private boolean over;

    /** Where it is written. */
    public interface Output {
        Output NOWHERE = text -> CompletableFuture.failedFuture(new IllegalStateException("nobody reads it"));

        /** One at a time. */
        CompletableFuture<Void> write(String text);
    }

    EventStream(HttpSession session, EventCursor after, Caller caller, Executor executor) {
        this.session = session;
        this.cursor = after;
        this.serial = new Serial(executor);
        this.beatNanos = Math.max(
                BEAT_NANOS_MIN,
                Math.min(BEAT_NANOS_MAX, TimeUnit.MILLISECONDS.toNanos(session.leaseMs()) / BEATS_PER_LEASE));
        this.suspectNanos =
                Math.max(MISSED_BEATS_MIN * beatNanos, TimeUnit.MILLISECONDS.toNanos(session.leaseMs()) / 2);
        for (int group = 0; group < session.groups(); group++) {
            parts.add(new Part(group, caller.cluster.group(group), session.id(group)));
        }
    }

    /** Begins to write. */
    public void start(Output to) {
        serial.execute(() -> {
            output = to;
            parts.forEach(part -> part.feed.start());
            flush();
            beat();
        });
    }

    /** Ends it at once. */
    void cutOff() {
        serial.execute(() -> end(new IllegalStateException("the server stops")));
    }

    /** Completes when nothing more is written: normally if the answer is complete, else with why the reader is to be cut off. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** What is of one group. */
    private final class Part implements Feed.Listener {
        private final int group;
        private final Transport leader;
        private final SessionId id;
        private final Feed feed;
        private long heardNanos = beganNanos;
        private boolean asking;
        private boolean suspect;

        Part(int group, Transport leader, SessionId id) {
            this.group = group;
            this.leader = leader;
            this.id = id;
            this.feed = new Feed(leader, id, cursor.of(group), serial, this);
        }

        @Override
        public boolean isReady() {
            return unwritten.length() < UNWRITTEN_ENOUGH && !finishing;
        }

        @Override
        public void onEvent(NumberedEvent event) {
            cursor = cursor.with(group, event.number());
            EventViews.View view = EventViews.of(event.event());
            append("id: " + cursor + "\n", view.name(), view.json());
        }

        @Override
        public void onGone() {
            sessionLost();
        }

        @Override
        public void onRefused(Throwable cause) {
            finish();
        }

        void beat() {
            long now = System.nanoTime();
            if (!asking && now - heardNanos >= beatNanos) {
                asking = true;
                var unused = Liveness.ask(leader, id)
                        .whenCompleteAsync((open, failure) -> answered(now, open, failure), serial);
            }
            if (!suspect && now - heardNanos >= suspectNanos) {
                suspect = true;
                append("", "suspect", told(now));
            }
        }

        private void answered(long askedNanos, @Nullable Boolean open, @Nullable Throwable failure) {
            asking = false;
            if (over || finishing) {
                return;
            }
            if (open == null) {
                if (failure != null && !TransportException.of(failure).worthRetrying()) {
                    finish();
                }
                return;
            }
            if (!open) {
                sessionLost();
                return;
            }
            heardNanos = askedNanos;
            if (suspect) {
                suspect = false;
                append("", "confirmed", told(System.nanoTime()));
            }
        }

        private JsonObject told(long now) {
            JsonObject json = new JsonObject();
            json.addProperty("group", group);
            json.addProperty("silentMs", TimeUnit.NANOSECONDS.toMillis(now - heardNanos));
            json.addProperty("leaseMs", session.leaseMs());
            return json;
        }
    }

    private void append(String id, String name, JsonObject json) {
        unwritten
                .append(id)
                .append("event: ")
                .append(name)
                .append("\ndata: ")
                .append(json)
                .append("\n\n");
        flush();
    }

    private void sessionLost() {
        if (!finishing && !over) {
            append("", "session-lost", new JsonObject());
            finish();
        }
    }

    /** Ends it when all is written. Finishing again does nothing. */
    private void finish() {
        finishing = true;
        parts.forEach(part -> part.feed.stop());
        flush();
    }

    private void flush() {
        if (over || writing) {
            return;
        }
        if (unwritten.isEmpty()) {
            if (finishing) {
                end(null);
            }
            return;
        }
        writing = true;
        writingSinceNanos = System.nanoTime();
        String text = unwritten.toString();
        unwritten.setLength(0);
        var unused = output.write(text).whenCompleteAsync((done, failure) -> written(failure), serial);
    }

    private void written(@Nullable Throwable failure) {
        writing = false;
        if (failure != null) {
            end(failure);
            return;
        }
        parts.forEach(part -> part.feed.resume());
        flush();
    }

    private void beat() {
        if (over) {
            return;
        }
        long now = System.nanoTime();
        if (writing && now - writingSinceNanos > UNREAD_NANOS_MAX) {
            end(new IllegalStateException("the reader has read nothing for too long"));
            return;
        }
        if (now - beganNanos > LIFE_NANOS) {
            finish();
        } else if (!writing) {
            unwritten.append(":\n\n");
            flush();
        }
        parts.forEach(Part::beat);
        CompletableFuture.delayedExecutor(beatNanos, TimeUnit.NANOSECONDS, serial)
                .execute(this::beat);
    }

    private void end(@Nullable Throwable failure) {
        if (over) {
            return;
        }
        over = true;
        parts.forEach(part -> part.feed.stop());
        if (failure == null) {
            ended.complete(null);
        } else {
            ended.completeExceptionally(failure);
        }
    }
}
