package dev.holdfast.http.internal.api;

import com.codahale.metrics.MetricRegistry;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.holdfast.client.transport.ClusterTransport;
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
public final class Api {
    /** What all paths begin with. */
    public static final String PREFIX = "/v1/";

    private static final Logger LOG = LoggerFactory.getLogger(Api.class);
    private static final int PAGE = 50;
    private static final String SESSION_NAME = "http";

    private final HoldfastNode node;
    private final MembersView members;
    private final Executor executor;
    private final InstantSource clock;
    private final Scans scans = new Scans();

    /** Each answers what was asked. */
    private interface Reader {
        CompletionStage<JsonElement> read(Parameters parameters, Caller caller);
    }

    /** @param known the names of its parameters, in the query of a GET or in the body of a POST */
    private record Route(Set<String> known, Reader reader) {}

    private final Map<String, Route> reads = Map.of(
            "peer",
            new Route(Set.of(), (parameters, caller) -> CompletableFuture.completedStage(peer(caller.visit))),
            "members",
            new Route(Set.of(), (parameters, caller) -> members()),
            "summary",
            new Route(Set.of(), (parameters, caller) -> caller.listings().summary()),
            "lockables",
            new Route(Set.of("prefix", "after", "limit"), Api::lockables),
            "lockable",
            new Route(
                    Set.of("kind", "key"),
                    (parameters, caller) -> caller.listings().lockable(parameters.lockable())),
            "history",
            new Route(Set.of("kind", "key", "after", "limit"), Api::history),
            "waits",
            new Route(Set.of("kind", "key"), (parameters, caller) -> waits(parameters, caller)),
            "sessions",
            new Route(Set.of("after", "limit"), Api::sessions),
            "audit",
            new Route(Set.of(), (parameters, caller) -> caller.listings().audit()));

    private final Map<String, Route> writes = Map.of(
            "lockable/force-release",
            new Route(Set.of("kind", "key", "token"), Api::forceRelease),
            "sessions/end",
            new Route(Set.of("id"), Api::endSession));

    /** @param executor where answers are made; what blocks for seconds is done there too */
    public Api(HoldfastNode node, MetricRegistry registry, Executor executor) {
        this.node = node;
        this.members = new MembersView(node, registry, executor);
        this.executor = executor;
        this.clock = InstantSource.system();
    }

    /** The parameters of all that may be read, or else written, by path. */
    Map<String, Set<String>> parameters(boolean read) {
        return (read ? reads : writes)
                .entrySet().stream()
                        .collect(Collectors.toMap(route -> PREFIX + route.getKey(), route -> route.getValue().known));
    }

    /** Somebody with a request. */
    private final class Caller {
        final Visit visit;
        final ClusterTransport cluster;
        final Asking asking = new Asking(executor);

        Caller(Visit visit) {
            this.visit = visit;
            this.cluster = visit.cluster();
        }

        Listings listings() {
            return new Listings(cluster, asking, clock);
        }

        /** Where this is. */
        String host() {
            return node.member().host();
        }

        ShortSession at(int group) {
            return new ShortSession(asking, cluster.group(group));
        }
    }

    /** Whether there is something to GET at that path. */
    public boolean isRead(String path) {
        return reads.containsKey(path.substring(PREFIX.length()));
    }

    /** Whether there is something to POST to at that path. */
    public boolean isWritten(String path) {
        return writes.containsKey(path.substring(PREFIX.length()));
    }

    /** @param path one that {@linkplain #isRead is there} */
    public CompletionStage<Answer> read(String path, Fields query, Visit visit) {
        Route route = Objects.requireNonNull(reads.get(path.substring(PREFIX.length())));
        return answered(path, () -> route.reader.read(Parameters.of(query, route.known), new Caller(visit)));
    }

    /** @param path one that {@linkplain #isWritten is there} */
    public CompletionStage<Answer> write(String path, String body, Visit visit) {
        Route route = Objects.requireNonNull(writes.get(path.substring(PREFIX.length())));
        return answered(path, () -> route.reader.read(Parameters.ofJson(body, route.known), new Caller(visit)));
    }

    private interface Work {
        CompletionStage<JsonElement> begin();
    }

    private static CompletionStage<Answer> answered(String path, Work work) {
        CompletionStage<JsonElement> begun;
        try {
            begun = work.begin();
        } catch (RuntimeException e) {
            begun = CompletableFuture.failedStage(e);
        }
        return begun.thenApply(json -> Answer.json(json.toString())).exceptionally(failure -> refusal(path, failure));
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
