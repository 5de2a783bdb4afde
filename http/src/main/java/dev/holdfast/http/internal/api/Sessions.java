package dev.holdfast.http.internal.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Command.CloseSession;
import dev.holdfast.protocol.Command.OpenSession;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sessions over HTTP: opened, renewed and closed in all groups at once. This peer keeps nothing of them.
 *
 * <p>See {@code docs/adr/021-locks-over-http.md}.
 */
final class Sessions {
    static final long LEASE_MS_DEFAULT = 30_000;

    private static final String NAME_DEFAULT = "http";

    /** Told by one heartbeat, of one group. */
    private static final int LOSSES_MAX = 256;

    /** Looked through by one heartbeat, in one group. */
    private static final int EVENTS_MAX = 4096;

    static CompletionStage<Reply> open(Parameters parameters, Caller caller) {
        long leaseMs = parameters.number(
                "leaseMs", LEASE_MS_DEFAULT, Limits.SESSION_LEASE_MS_MIN, Limits.SESSION_LEASE_MS_MAX);
        String name = parameters.find("name") == null ? NAME_DEFAULT : parameters.required("name");
        int groups = caller.cluster.groups();
        HttpSession unopened = HttpSession.unopened(leaseMs, groups);
        OpenSession open = new OpenSession(leaseMs, caller.host(), name);
        List<CompletableFuture<SessionId>> opening = IntStream.range(0, groups)
                .mapToObj(group -> open(group, unopened.id(group), open, caller, caller.asking)
                        .toCompletableFuture())
                .toList();
        return allOf(opening)
                .thenCompose(ids -> {
                    HttpSession session = unopened.opened(ids);
                    // It may have taken long, so what is left of its lease is what a renewal says.
                    return renewed(session, EventCursor.start(groups), 0, caller)
                            .thenApply(renewals -> opened(session, renewals));
                })
                .whenComplete((reply, failure) -> {
                    if (failure != null) {
                        closeUnused(opening, unopened, open, caller);
                    }
                });
    }

    private static CompletionStage<SessionId> open(
            int group, SessionId nonce, OpenSession open, Caller caller, Asking asking) {
        return asking.submit(caller.cluster.group(group), OneCommand.batch(nonce, 0, open))
                .thenApply(reply -> ((Outcome.SessionOpened) OneCommand.accepted(reply)).session());
    }

    /** Nobody will know of these, however late they open. Of one that is not known to have opened, the nonce opens it once. */
    private static void closeUnused(
            List<CompletableFuture<SessionId>> opening, HttpSession unopened, OpenSession open, Caller caller) {
        for (int each = 0; each < opening.size(); each++) {
            int group = each;
            Transport leader = caller.cluster.group(group);
            var unused = opening.get(group)
                    .exceptionallyCompose(failure -> open(group, unopened.id(group), open, caller, caller.askingAnew()))
                    .thenCompose(id -> caller.askingAnew().submit(leader, OneCommand.batch(id, 1, new CloseSession())));
        }
    }

    private static Reply opened(HttpSession session, List<Renewal> renewals) {
        JsonObject json = new JsonObject();
        json.addProperty("session", session.text());
        json.addProperty("leaseMs", session.leaseMs());
        json.addProperty("leaseLeftMs", leftMs(session, renewals));
        json.add("owner", Views.owner(session.owner()));
        return Reply.ok(json);
    }

    static CompletionStage<Reply> heartbeat(Parameters parameters, Caller caller) {
        HttpSession session = caller.session(parameters);
        String after = parameters.find("after");
        EventCursor from = after == null
                ? EventCursor.start(session.groups())
                : EventCursor.parse("after", after, session.groups());
        long done = parameters.number("acknowledgedSequence", 0, 0, Holding.SEQUENCE_MAX);
        // Elsewhere: to look what has happened may take the time of others who read the state.
        return caller.elsewhere(() -> renewed(session, from, done, caller))
                .whenComplete((renewals, failure) -> endTheRest(failure, session, caller))
                .thenApply(renewals -> renewed(session, from, renewals));
    }

    private static Reply renewed(HttpSession session, EventCursor from, List<Renewal> renewals) {
        JsonArray lost = new JsonArray();
        EventCursor upTo = from;
        boolean more = false;
        for (int group = 0; group < renewals.size(); group++) {
            Overheard events = renewals.get(group).events;
            events.losses().forEach(loss -> lost.add(EventViews.lost(loss)));
            upTo = upTo.with(group, Math.max(from.of(group), events.last()));
            more |= !events.isReady();
        }
        JsonObject json = new JsonObject();
        json.addProperty("leaseLeftMs", leftMs(session, renewals));
        json.add("lost", lost);
        json.addProperty("events", upTo.toString());
        json.addProperty("more", more);
        return Reply.ok(json);
    }

    /** If one part of it is over, so is the whole, and what the others hold is free at once. */
    private static void endTheRest(@Nullable Throwable failure, HttpSession session, Caller caller) {
        if (session.groups() > 1 && failure != null && Problem.isSessionOver(failure)) {
            var unused = closed(session, caller);
        }
    }

    /** @param sentNanos from when on the lease counts */
    private record Renewal(long sentNanos, Overheard events) {}

    private static long leftMs(HttpSession session, List<Renewal> renewals) {
        return renewals.stream()
                .mapToLong(each -> Leases.leftMs(session.leaseMs(), each.sentNanos))
                .min()
                .orElse(0);
    }

    /** All or nothing is said: what one group did not confirm may be over. */
    private static CompletionStage<List<Renewal>> renewed(
            HttpSession session, EventCursor after, long done, Caller caller) {
        return inAllGroups(
                session.groups(),
                group -> renewed(caller.cluster.group(group), session.id(group), after.of(group), done, caller.asking));
    }

    private static CompletionStage<Renewal> renewed(
            Transport leader, SessionId session, long after, long done, Asking asking) {
        AtomicReference<Overheard> last = new AtomicReference<>(new Overheard(done));
        return asking.attempt(() -> {
                    // Each attempt counts from its own sending, and hears of the events for itself.
                    Overheard events = new Overheard(done);
                    last.getAndSet(events).close();
                    long sentNanos = System.nanoTime();
                    events.subscription = leader.subscribe(session, after, events);
                    return leader.keepAlive(session).thenApply(reply -> new Answered(reply, sentNanos, events));
                })
                .whenComplete((answered, failure) ->
                        Objects.requireNonNull(last.get()).close())
                .exceptionallyCompose(Asking::unanswered)
                .thenApply(answered -> {
                    if (answered.reply instanceof KeepAliveReply.Gone) {
                        throw Problem.sessionOver();
                    }
                    return new Renewal(answered.sentNanos, answered.events);
                });
    }

    private record Answered(KeepAliveReply reply, long sentNanos, Overheard events) {}

    /**
     * Takes the events that come until it is closed, up to a bound. It comes as far as the first that says what became of a wait of which the
     * caller has not said that it has the answer: once that one is acknowledged, nobody would ever hear of it.
     */
    private static final class Overheard implements EventSink {
        private final long done;
        private final List<Event.HoldLost> losses = new ArrayList<>();
        private int heard;
        private boolean stopped;
        private long last;
        private volatile Transport.@Nullable Subscription subscription;

        /** @param done up to which sequence the caller has the answers */
        Overheard(long done) {
            this.done = done;
        }

        @Override
        public synchronized boolean isReady() {
            return losses.size() < LOSSES_MAX && heard < EVENTS_MAX;
        }

        @Override
        public synchronized void onEvents(List<NumberedEvent> more) {
            for (NumberedEvent event : more) {
                if (!isReady()) {
                    return;
                }
                heard++;
                stopped |= isWaitedFor(event.event());
                if (!stopped) {
                    last = event.number();
                }
                if (event.event() instanceof Event.HoldLost loss) {
                    losses.add(loss);
                }
            }
        }

        private boolean isWaitedFor(Event event) {
            return (event instanceof Event.WaitGranted granted && granted.acquireSequence() > done)
                    || (event instanceof Event.WaitEnded ended && ended.acquireSequence() > done);
        }

        @Override
        public void onBroken(TransportException cause) {
            // The renewal tells whether there is a leader.
        }

        synchronized List<Event.HoldLost> losses() {
            return List.copyOf(losses);
        }

        /** The number of the last one; 0 if there was none. */
        synchronized long last() {
            return last;
        }

        void close() {
            Transport.Subscription open = subscription;
            if (open != null) {
                open.close();
            }
        }
    }

    static CompletionStage<Reply> close(Parameters parameters, Caller caller) {
        return closed(caller.session(parameters), caller).thenApply(open -> {
            JsonObject json = new JsonObject();
            json.addProperty("closed", open);
            return Reply.ok(json);
        });
    }

    /** Tells whether it was open, anywhere. */
    private static CompletionStage<Boolean> closed(HttpSession session, Caller caller) {
        // Whatever its caller numbers its requests by, this one comes behind them all.
        long last = Long.MAX_VALUE;
        return inAllGroups(
                        session.groups(),
                        group -> caller.asking
                                .submit(
                                        caller.cluster.group(group),
                                        OneCommand.batch(session.id(group), last, last - 1, 0, new CloseSession()))
                                .thenApply(reply -> isDone(OneCommand.outcome(reply))))
                .thenApply(groups -> groups.contains(true));
    }

    private static boolean isDone(Outcome outcome) {
        if (outcome instanceof Outcome.Rejected rejected && rejected.code() != RejectionCode.SESSION_UNKNOWN) {
            throw Problem.of(rejected.code(), rejected.detail());
        }
        return outcome instanceof Outcome.SessionClosed;
    }

    private static <T> CompletionStage<List<T>> inAllGroups(int groups, IntFunction<CompletionStage<T>> one) {
        return allOf(IntStream.range(0, groups)
                .mapToObj(group -> one.apply(group).toCompletableFuture())
                .toList());
    }

    private static <T> CompletionStage<List<T>> allOf(List<CompletableFuture<T>> all) {
        return CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> all.stream().map(CompletableFuture::join).toList());
    }

    private Sessions() {}
}
