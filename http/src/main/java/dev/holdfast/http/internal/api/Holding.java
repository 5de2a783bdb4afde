package dev.holdfast.http.internal.api;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Command.Acquire;
import dev.holdfast.protocol.Command.CancelAcquire;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Command.Extend;
import dev.holdfast.protocol.Command.Release;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LockableKind;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/**
 * Acquires, releases and extends in a session over HTTP. The machine keeps the outcome of each sequence, so a request that is repeated takes
 * effect once, at whichever peer.
 *
 * <p>That somebody holds is said only of a hold that the leader has just been asked for by its token, key and owner. So an answer that is kept
 * says nothing of a hold that has ended since, and a sequence that was used for another lock gives nobody this one.
 *
 * <p>See {@code docs/adr/021-locks-over-http.md}.
 */
final class Holding {
    /** What every request of this kind says. */
    private static final Set<String> COMMON =
            Set.of("session", "sequence", "kind", "key", "acknowledgedSequence", "acknowledgedEvents");

    /** Proxies and browsers wait a minute and more. */
    static final long POLL_MS_MAX = 30_000;

    /** Programs that have doubles for numbers count no further. */
    static final long SEQUENCE_MAX = (1L << 53) - 1;

    private final WaitingRoom room;
    private final Watches watches;
    private final Inspections inspections = new Inspections();

    Holding(WaitingRoom room, Watches watches) {
        this.room = room;
        this.watches = watches;
    }

    static Set<String> parameters(String... own) {
        Set<String> all = new HashSet<>(COMMON);
        all.addAll(List.of(own));
        return Set.copyOf(all);
    }

    /**
     * A request, as far as all are alike.
     *
     * @param done up to which sequence its caller has the answers
     * @param heard up to where its caller knows of the events
     */
    private record Order(
            Caller caller,
            Parameters parameters,
            HttpSession session,
            long sequence,
            LockableKey lockable,
            Owner owner,
            long done,
            EventCursor heard) {
        static Order of(Parameters parameters, Caller caller) {
            HttpSession session = caller.session(parameters);
            long sequence = parameters.number("sequence", 1, SEQUENCE_MAX);
            Owner owner = parameters.owner();
            String heard = parameters.find("acknowledgedEvents");
            return new Order(
                    caller,
                    parameters,
                    session,
                    sequence,
                    parameters.lockable(),
                    owner == null ? session.owner() : owner,
                    parameters.number("acknowledgedSequence", 0, 0, sequence - 1),
                    heard == null
                            ? EventCursor.start(session.groups())
                            : EventCursor.parse("acknowledgedEvents", heard, session.groups()));
        }

        Transport leader() {
            return caller.leaderOf(lockable);
        }

        /** What became of it; of a sequence that was used before, what became of that. */
        CompletionStage<Outcome> submit(ClientCommand command) {
            int group = caller.groupOf(lockable);
            SessionBatch batch = OneCommand.batch(session.id(group), sequence, done, heard.of(group), command);
            return caller.asking.submit(leader(), batch).thenApply(OneCommand::accepted);
        }

        Problem usedOtherwise() {
            return new Problem(
                    HttpStatus.CONFLICT_409,
                    "sequence-used",
                    "sequence " + sequence
                            + " of this session was another request's: each request takes a number of its own, and"
                            + " only a repetition of it the same");
        }
    }

    CompletionStage<Reply> acquire(Parameters parameters, Caller caller) {
        long beganNanos = System.nanoTime();
        Order order = Order.of(parameters, caller);
        long waitMs = parameters.number("waitMs", 0, 0, Limits.WAIT_MS_MAX);
        long pollMs = parameters.number("pollMs", POLL_MS_MAX, 0, POLL_MS_MAX);
        Acquire acquire = acquire(order, waitMs);
        WaitingRoom.Place place = room.enter(caller.cluster);
        Runnable parked = caller.parking().enter();
        // Whatever it fails by, the place is left.
        return CompletableFuture.completedStage(acquire)
                .thenCompose(order::submit)
                .thenCompose(outcome -> {
                    if (outcome instanceof Outcome.Granted granted) {
                        return holding(order, granted.token(), granted.deadlineMs(), granted.reacquired());
                    } else if (outcome instanceof Outcome.Queued queued) {
                        return waiting(order, queued, pollMs - elapsedMs(beganNanos));
                    }
                    throw refusal(order, outcome);
                })
                .whenComplete((reply, failure) -> {
                    parked.run();
                    place.leave();
                });
    }

    private static long elapsedMs(long sinceNanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sinceNanos);
    }

    private static Acquire acquire(Order order, long waitMs) {
        Parameters parameters = order.parameters;
        boolean mutex = order.lockable.kind() == LockableKind.MUTEX;
        if (mutex && (parameters.find("permits") != null || parameters.find("limit") != null)) {
            throw Problem.badRequest("'permits' and 'limit' are for semaphores: a mutex has one permit");
        }
        boolean reentrant = parameters.flag("reentrant");
        if (reentrant && !mutex) {
            throw Problem.badRequest("'reentrant' is for mutexes: further permits of a semaphore are always added");
        }
        return new Acquire(
                order.lockable,
                order.owner,
                (int) parameters.number("permits", 1, 1, Limits.PERMITS_MAX),
                mutex ? 1 : (int) parameters.number("limit", 1, Limits.PERMITS_MAX),
                reentrant,
                lease(parameters),
                waitMs);
    }

    private static Lease lease(Parameters parameters) {
        boolean ttl = parameters.find("ttlMs") != null;
        boolean untilReleased = parameters.flag("untilReleased");
        if (ttl && untilReleased) {
            throw Problem.badRequest("'ttlMs' and 'untilReleased' contradict each other: choose one");
        }
        return untilReleased
                ? Lease.UNTIL_RELEASED
                : ttl ? Lease.ttl(parameters.number("ttlMs", Limits.TTL_MS_MIN, Limits.TTL_MS_MAX)) : Lease.SESSION;
    }

    private CompletionStage<Reply> waiting(Order order, Outcome.Queued queued, long timeoutMs) {
        if (timeoutMs <= 0) {
            return CompletableFuture.completedStage(stillWaiting(queued));
        }
        int group = order.caller.groupOf(order.lockable);
        return watches.await(order.leader(), order.session.id(group), order.sequence, order.heard.of(group), timeoutMs)
                .handle((event, failure) -> {
                    if (event instanceof Event.WaitGranted granted) {
                        return holding(order, granted.token(), granted.deadlineMs(), granted.reacquired());
                    } else if (event != null) {
                        return CompletableFuture.<Reply>failedStage(new Problem(
                                HttpStatus.CONFLICT_409,
                                "wait-ended",
                                "'" + order.lockable.key()
                                        + "' was not granted within 'waitMs': ask again with the next sequence, if it"
                                        + " is still wanted"));
                    } else if (Problem.cause(failure) instanceof TimeoutException) {
                        return CompletableFuture.completedStage(stillWaiting(queued));
                    }
                    return CompletableFuture.<Reply>failedStage(failure);
                })
                .thenCompose(reply -> reply);
    }

    private static Reply stillWaiting(Outcome.Queued queued) {
        JsonObject json = new JsonObject();
        json.addProperty("state", "waiting");
        json.addProperty("position", queued.position());
        return new Reply(HttpStatus.ACCEPTED_202, json);
    }

    private static Problem refusal(Order order, Outcome outcome) {
        if (outcome instanceof Outcome.Refused refused) {
            return new Problem(HttpStatus.CONFLICT_409, "held", held(order, refused))
                    .with("holder", owner(refused.holder()))
                    .with("token", refused.token())
                    .with("available", refused.available())
                    .with("waitersAhead", refused.waitersAhead());
        } else if (outcome instanceof Outcome.CapacityExceeded exceeded) {
            return new Problem(
                            HttpStatus.CONFLICT_409,
                            "capacity-exceeded",
                            "semaphore '" + order.lockable.key() + "' has " + exceeded.max() + " permits, and "
                                    + exceeded.requested() + " were asked for at once")
                    .with("available", exceeded.available());
        }
        return order.usedOtherwise();
    }

    private static String held(Order order, Outcome.Refused refused) {
        String key = "'" + order.lockable.key() + "'";
        if (refused.waitersAhead() > 0) {
            return key + " is free, but " + refused.waitersAhead() + " wait for it and come first";
        }
        return order.lockable.kind() == LockableKind.MUTEX
                ? key + " is held by " + refused.holder() + ", with the token " + refused.token()
                : "semaphore " + key + " has " + refused.available() + " free permits, fewer than were asked for";
    }

    private static JsonElement owner(@Nullable Owner owner) {
        return owner == null ? JsonNull.INSTANCE : Views.owner(owner);
    }

    /**
     * Says that the owner holds it, if that is so now.
     *
     * @param deadlineMs of the lease that was asked for, in log time
     * @param reacquired whether the owner had it already; {@code null} if that was not asked
     */
    private CompletionStage<Reply> holding(Order order, long token, long deadlineMs, @Nullable Boolean reacquired) {
        return inspections
                .inspect(order.leader(), order.lockable, order.caller::askingAnew)
                .thenCompose(inspection -> {
                    Answer.LockableView view = inspection.view();
                    Answer.HoldView hold = view.holds().stream()
                            .filter(each ->
                                    each.token() == token && each.owner().equals(order.owner))
                            .findFirst()
                            .orElse(null);
                    // Of a semaphore with more holders than are shown, the newest are not: there, the outcome is
                    // believed.
                    if (hold == null && view.holds().size() < Limits.PAGE_SIZE_MAX) {
                        throw over(order, token);
                    }
                    return leaseMs(order, hold, deadlineMs)
                            .thenApply(
                                    leaseMs -> held(order, hold, token, reacquired, leaseMs, inspection.sentNanos()));
                });
    }

    private static Problem over(Order order, long token) {
        return new Problem(
                        HttpStatus.CONFLICT_409,
                        "hold-over",
                        "sequence " + order.sequence + " was granted with the token " + token + ", but " + order.owner
                                + " does not hold '" + order.lockable.key()
                                + "' by it: it was released or lost since, or the sequence was another request's. Ask again with"
                                + " the next sequence")
                .with("token", token);
    }

    /** What is left of the lease at the time of the answer. */
    private static CompletionStage<Long> leaseMs(Order order, Answer.@Nullable HoldView hold, long deadlineMs) {
        if (hold != null && hold.lease() == LeaseKind.TTL) {
            return CompletableFuture.completedStage(hold.leaseLeftMs());
        }
        if (deadlineMs == LogTime.NEVER) {
            return CompletableFuture.completedStage(LogTime.NEVER);
        }
        // Another session of the same owner keeps the hold for as long as it lives. The lease of this one ends when it
        // ends.
        SessionId id = order.session.id(order.caller.groupOf(order.lockable));
        // It has the log time of that moment, which the state has not: that one's is of the last entry.
        return order.caller
                .askingAnew()
                .attempt(() -> order.leader().keepAlive(id))
                .exceptionallyCompose(Asking::unanswered)
                .thenApply(reply -> {
                    if (reply instanceof KeepAliveReply.Alive alive) {
                        return Math.max(0, deadlineMs - alive.logTimeMs());
                    }
                    throw Problem.sessionOver();
                });
    }

    private static Reply held(
            Order order,
            Answer.@Nullable HoldView hold,
            long token,
            @Nullable Boolean reacquired,
            long leaseMs,
            long sentNanos) {
        JsonObject json = new JsonObject();
        json.addProperty("state", "held");
        json.addProperty("token", token);
        json.add("owner", Views.owner(order.owner));
        if (hold != null) {
            json.addProperty("count", hold.count());
        }
        if (reacquired != null) {
            json.addProperty("reacquired", reacquired);
        }
        long left = Leases.leftMs(leaseMs, sentNanos);
        json.add("leaseLeftMs", left == LogTime.NEVER ? JsonNull.INSTANCE : new JsonPrimitive(left));
        return Reply.ok(json);
    }

    CompletionStage<Reply> release(Parameters parameters, Caller caller) {
        Order order = Order.of(parameters, caller);
        long token = parameters.number("token", 1, Long.MAX_VALUE);
        int permits = (int) parameters.number("permits", Release.ALL, 1, Limits.PERMITS_MAX);
        return order.submit(new Release(order.lockable, order.owner, token, permits))
                .thenApply(outcome -> {
                    if (outcome instanceof Outcome.Released released) {
                        JsonObject json = new JsonObject();
                        json.addProperty("remaining", released.remaining());
                        return Reply.ok(json);
                    }
                    throw notHeld(order, token, outcome);
                });
    }

    private static Problem notHeld(Order order, long token, Outcome outcome) {
        if (!(outcome instanceof Outcome.NotHeld notHeld)) {
            return order.usedOtherwise();
        }
        String what = "'" + order.lockable.key() + "' with the token " + token;
        return new Problem(
                        HttpStatus.CONFLICT_409,
                        "not-held",
                        notHeld.held() > 0
                                ? order.owner + " holds only " + notHeld.held() + " permits of " + what
                                : order.owner + " does not hold " + what
                                        + (notHeld.holder() == null
                                                ? ": nobody does"
                                                : ": its holder is " + notHeld.holder()))
                .with("holder", owner(notHeld.holder()))
                .with("held", notHeld.held());
    }

    CompletionStage<Reply> extend(Parameters parameters, Caller caller) {
        Order order = Order.of(parameters, caller);
        long token = parameters.number("token", 1, Long.MAX_VALUE);
        long ttlMs = parameters.number("ttlMs", Limits.TTL_MS_MIN, Limits.TTL_MS_MAX);
        return order.submit(new Extend(order.lockable, order.owner, token, ttlMs))
                .thenCompose(outcome -> {
                    if (outcome instanceof Outcome.Extended extended) {
                        return holding(order, token, extended.deadlineMs(), null);
                    }
                    throw notHeld(order, token, outcome);
                });
    }

    CompletionStage<Reply> cancel(Parameters parameters, Caller caller) {
        Order order = Order.of(parameters, caller);
        long acquire = parameters.number("acquireSequence", 1, SEQUENCE_MAX);
        return order.submit(new CancelAcquire(acquire)).thenApply(outcome -> {
            if (outcome instanceof Outcome.Cancelled cancelled) {
                JsonObject json = new JsonObject();
                json.addProperty("undone", cancelled.undone());
                return Reply.ok(json);
            }
            throw order.usedOtherwise();
        });
    }
}
