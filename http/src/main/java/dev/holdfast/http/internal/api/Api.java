package dev.holdfast.http.internal.api;

import com.codahale.metrics.MetricRegistry;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.holdfast.http.internal.Answer;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.NodeHealth;
import dev.holdfast.node.Visit;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.KeyGroups;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Query;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what is under {@code /v1/}, as {@code openapi.yaml} has it. What somebody may, the leader says; here it is only known who that is. Any
 * thread may call it, and none is held up.
 */
public final class Api implements AutoCloseable {
    private static final int STREAMS_MAX = 2048;
    private static final int STREAMS_PER_CALLER_MAX = 256;

    /** How many calls may wait at the same time. */
    public static final int WAITING_MAX = WaitingRoom.MAX;

    /** What all paths begin with. */
    public static final String PREFIX = "/v1/";

    private static final Logger LOG = LoggerFactory.getLogger(Api.class);
    private static final int PAGE = 50;
    private static final String SESSION_NAME = "http";
    private static final String ACQUIRE = PREFIX + "lockable/acquire";
    private static final String EVENTS = PREFIX + "sessions/events";
    private static final Set<String> EVENTS_KNOWN = Set.of("session", "after");

    private final HoldfastNode node;
    private final MembersView members;
    private final Executor executor;
    private final InstantSource clock;
    private final Scans scans = new Scans();
    private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();
    private final WaitingRoom room = new WaitingRoom();

    /** A reader that takes nothing costs more than a call that waits: what is kept for it is bounded by a number of events. */
    private final WaitingRoom streamRoom = new WaitingRoom(STREAMS_MAX, STREAMS_PER_CALLER_MAX);

    private final Holding holding;

    /** Each answers what was asked. */
    private interface Reader {
        CompletionStage<JsonElement> read(Parameters parameters, Caller caller);
    }

    /** Each does what was asked, and says how that went. */
    private interface Worker {
        CompletionStage<Reply> work(Parameters parameters, Caller caller);
    }

    /** @param known the names of its parameters, in the query of a GET or in the body of a POST */
    private record Route(Set<String> known, Worker worker) {
        static Route of(Set<String> known, Reader reader) {
            return new Route(
                    known,
                    (parameters, caller) -> reader.read(parameters, caller).thenApply(Reply::ok));
        }
    }

    private final WaitTotals waitTotals;

    private final Map<String, Route> reads = Map.of(
            "peer",
            Route.of(Set.of(), (parameters, caller) -> CompletableFuture.completedStage(peer(caller.visit))),
            "members",
            Route.of(Set.of(), (parameters, caller) -> members()),
            "summary",
            Route.of(Set.of(), (parameters, caller) -> summary(caller)),
            "lockables",
            Route.of(Set.of("prefix", "after", "limit"), Api::lockables),
            "lockable",
            Route.of(
                    Set.of("kind", "key"),
                    (parameters, caller) -> caller.listings().lockable(parameters.lockable())),
            "history",
            Route.of(Set.of("kind", "key", "after", "limit"), Api::history),
            "waits",
            Route.of(Set.of("kind", "key"), (parameters, caller) -> waits(parameters, caller)),
            "sessions",
            Route.of(Set.of("after", "limit"), Api::sessions),
            "audit",
            Route.of(Set.of(), (parameters, caller) -> caller.listings().audit()));

    private final Map<String, Route> writes = Map.of(
            "lockable/force-release",
            Route.of(Set.of("kind", "key", "token"), Api::forceRelease),
            "lockable/acquire",
            new Route(
                    Holding.parameters(
                            "owner", "permits", "limit", "reentrant", "ttlMs", "untilReleased", "waitMs", "pollMs"),
                    (parameters, caller) -> holding().acquire(parameters, caller)),
            "lockable/release",
            new Route(
                    Holding.parameters("owner", "token", "permits"),
                    (parameters, caller) -> holding().release(parameters, caller)),
            "lockable/extend",
            new Route(
                    Holding.parameters("owner", "token", "ttlMs"),
                    (parameters, caller) -> holding().extend(parameters, caller)),
            "lockable/cancel-acquire",
            new Route(
                    Holding.parameters("acquireSequence"),
                    (parameters, caller) -> holding().cancel(parameters, caller)),
            "sessions",
            new Route(Set.of("leaseMs", "name"), Sessions::open),
            "sessions/heartbeat",
            new Route(Set.of("session", "after", "acknowledgedSequence"), Sessions::heartbeat),
            "sessions/close",
            new Route(Set.of("session"), Sessions::close),
            "sessions/end",
            Route.of(Set.of("id"), Api::endSession));

    /**
     * @param registry where the peer counts how long callers waited, if it does
     * @param executor where answers are made; what blocks for seconds is done there too
     */
    public Api(HoldfastNode node, MetricRegistry registry, Executor executor) {
        this.node = node;
        this.waitTotals = new WaitTotals(registry);
        this.members = new MembersView(node, executor);
        this.executor = executor;
        this.clock = InstantSource.system();
        this.holding = new Holding(room, new Watches(executor));
    }

    private CompletionStage<JsonElement> summary(Caller caller) {
        return caller.listings().summary(waitTotals);
    }

    private Holding holding() {
        return holding;
    }

    /** Ends what has no end by itself, soon. */
    @Override
    public void close() {
        streams.forEach(EventStream::cutOff);
    }

    /** The parameters of all that may be read, or else written, by path. */
    Map<String, Set<String>> parameters(boolean read) {
        Map<String, Set<String>> all = (read ? reads : writes)
                .entrySet().stream()
                        .collect(Collectors.toMap(route -> PREFIX + route.getKey(), route -> route.getValue().known));
        if (read) {
            all.put(EVENTS, EVENTS_KNOWN);
        }
        return all;
    }

    /** Whether there is something to GET at that path. */
    public boolean isRead(String path) {
        return isStream(path) || reads.containsKey(path.substring(PREFIX.length()));
    }

    /** Whether there is something to POST to at that path. */
    public boolean isWritten(String path) {
        return writes.containsKey(path.substring(PREFIX.length()));
    }

    /** Whether an answer there may take as long as somebody else holds a lock. */
    public boolean mayWait(String path) {
        return path.equals(ACQUIRE);
    }

    /** Whether what is to GET there has no end. */
    public boolean isStream(String path) {
        return path.equals(EVENTS);
    }

    /** @param path one that {@linkplain #isRead is there}, and {@linkplain #isStream has an end} */
    public CompletionStage<Answer> read(String path, Fields query, Visit visit) {
        Route route = Objects.requireNonNull(reads.get(path.substring(PREFIX.length())));
        return answered(path, () -> route.worker.work(Parameters.of(query, route.known), caller(visit, Parking.NONE)));
    }

    /**
     * Does what was asked.
     *
     * @param path one that {@linkplain #isWritten is there}
     * @param parking entered while the request may wait for somebody else's release
     */
    public CompletionStage<Answer> write(String path, String body, Visit visit, Parking parking) {
        Route route = Objects.requireNonNull(writes.get(path.substring(PREFIX.length())));
        return answered(path, () -> route.worker.work(Parameters.ofJson(body, route.known), caller(visit, parking)));
    }

    private Caller caller(Visit visit, Parking parking) {
        return new Caller(visit, executor, clock, node.member().host(), parking);
    }

    /** What {@link #stream} gives: a stream, or why there is none. */
    public record Streamed(
            @Nullable EventStream stream, @Nullable Answer refusal) {}

    /**
     * Tells a session's events from now on.
     *
     * @param lastEventId the id of the last event that the caller has, which comes before what the query says
     */
    public CompletionStage<Streamed> stream(Fields query, @Nullable String lastEventId, Visit visit, Parking parking) {
        CompletionStage<EventStream> begun;
        try {
            begun = stream(Parameters.of(query, EVENTS_KNOWN), lastEventId, caller(visit, parking));
        } catch (RuntimeException e) {
            begun = CompletableFuture.failedStage(e);
        }
        return begun.thenApply(stream -> new Streamed(stream, null))
                .exceptionally(failure -> new Streamed(null, refusal(EVENTS, failure)));
    }

    private CompletionStage<EventStream> stream(Parameters parameters, @Nullable String lastEventId, Caller caller) {
        HttpSession session = caller.session(parameters);
        String after = lastEventId != null ? lastEventId : parameters.find("after");
        EventCursor from = after == null
                ? EventCursor.start(session.groups())
                : EventCursor.parse("after", after, session.groups());
        WaitingRoom.Place place = streamRoom.enter(caller.cluster);
        Runnable parked = caller.parking().enter();
        EventStream stream = new EventStream(session, from, caller, executor);
        streams.add(stream);
        var unused = stream.ended().whenComplete((done, failure) -> {
            streams.remove(stream);
            parked.run();
            place.leave();
        });
        // Whatever it fails by, the place is left.
        return CompletableFuture.completedStage(caller.cluster)
                .thenCompose(cluster -> caller.asking.open(cluster, session))
                .thenApply(open -> {
                    if (!open) {
                        throw Problem.sessionOver();
                    }
                    return stream;
                })
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        stream.ended().cancel(false);
                    }
                });
    }

    private interface Work {
        CompletionStage<Reply> begin();
    }

    private static CompletionStage<Answer> answered(String path, Work work) {
        CompletionStage<Reply> begun;
        try {
            begun = work.begin();
        } catch (RuntimeException e) {
            begun = CompletableFuture.failedStage(e);
        }
        return begun.thenApply(reply -> Answer.json(reply.status(), reply.json().toString()))
                .exceptionally(failure -> refusal(path, failure));
    }

    private static Answer refusal(String path, Throwable failure) {
        Problem problem = Problem.of(failure);
        if (problem == null) {
            LOG.warn("A request for {} could not be answered", path, failure);
            problem = new Problem(
                    HttpStatus.INTERNAL_SERVER_ERROR_500, "it could not be answered: the peer's log says why");
        }
        return problem.answer();
    }

    /** What is said to somebody who is not served, in the form of all that is said here. */
    public static Answer refusal(int status, String why) {
        return new Problem(status, why).answer();
    }

    private JsonElement peer(Visit visit) {
        NodeHealth health = node.health();
        JsonObject cluster = new JsonObject();
        cluster.addProperty("id", node.clusterId());
        cluster.addProperty("name", node.clusterName());
        JsonArray leads = new JsonArray();
        IntStream.range(0, node.groups()).filter(node::isLeader).forEach(leads::add);
        JsonObject json = new JsonObject();
        json.addProperty("id", node.id());
        json.addProperty("version", node.version());
        json.add("cluster", cluster);
        json.addProperty("groups", node.groups());
        json.add("leads", leads);
        json.addProperty("live", health.live());
        json.addProperty("ready", health.ready());
        json.add("problems", Views.array(health.problems(), JsonPrimitive::new));
        json.addProperty("principal", visit.principal());
        json.addProperty("admin", visit.isAdmin());
        return json;
    }

    private CompletionStage<JsonElement> members() {
        return members.json();
    }

    private static CompletionStage<JsonElement> lockables(Parameters parameters, Caller caller) {
        String after = parameters.find("after");
        return caller.listings()
                .lockables(parameters.text("prefix"), after == null ? null : Cursor.lockable(after), (int)
                        parameters.number("limit", PAGE, 1, Listings.PAGE_MAX));
    }

    private static CompletionStage<JsonElement> history(Parameters parameters, Caller caller) {
        String after = parameters.find("after");
        return caller.listings()
                .history(parameters.lockable(), after == null ? Query.History.NEWEST : Cursor.change(after), (int)
                        parameters.number("limit", PAGE, 1, Listings.PAGE_MAX));
    }

    private CompletionStage<JsonElement> waits(Parameters parameters, Caller caller) {
        @Nullable LockableKey from = parameters.find("key") == null ? null : parameters.lockable();
        return scans.of(caller.cluster, () -> caller.listings().waits()).thenApply(waits -> waits.json(from));
    }

    private static CompletionStage<JsonElement> sessions(Parameters parameters, Caller caller) {
        String after = parameters.find("after");
        return caller.listings().sessions(after == null ? null : Cursor.session(after), (int)
                parameters.number("limit", PAGE, 1, Listings.PAGE_MAX));
    }

    private static CompletionStage<JsonElement> forceRelease(Parameters parameters, Caller caller) {
        LockableKey lockable = parameters.lockable();
        long token = parameters.number("token", Command.ForceRelease.ANY_TOKEN, 1, Long.MAX_VALUE);
        return caller.at(KeyGroups.of(lockable.key(), caller.cluster.groups()))
                .perform(new Command.ForceRelease(lockable, token), caller.host(), SESSION_NAME)
                .thenApply(outcome -> {
                    JsonObject json = new JsonObject();
                    json.addProperty("taken", ((Outcome.ForceReleased) outcome).holds());
                    return json;
                });
    }

    private static CompletionStage<JsonElement> endSession(Parameters parameters, Caller caller) {
        String id = parameters.required("id");
        return caller.listings().find(id).thenCompose(found -> end(id, found, caller));
    }

    private static CompletionStage<JsonElement> end(String id, List<Listings.FoundSession> found, Caller caller) {
        if (found.size() > 1) {
            throw new Problem(
                    HttpStatus.CONFLICT_409, found.size() + " sessions are called '" + id + "': none was ended");
        }
        CompletionStage<Boolean> ended = found.isEmpty()
                ? CompletableFuture.completedStage(false)
                : caller.at(found.get(0).group()).end(found.get(0).id()).thenApply(done -> true);
        return ended.thenApply(was -> {
            JsonObject json = new JsonObject();
            json.addProperty("ended", was);
            return json;
        });
    }
}
