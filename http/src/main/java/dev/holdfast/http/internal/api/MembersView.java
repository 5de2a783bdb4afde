package dev.holdfast.http.internal.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import dev.holdfast.client.remote.MemberStatus;
import dev.holdfast.client.remote.PeerStatus;
import dev.holdfast.client.remote.PeerStatus.GroupStatus;
import dev.holdfast.node.HoldfastNode;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/** How the members are. All of them are asked at most once a second, however many want to know. */
final class MembersView {
    private static final long HOLDS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final HoldfastNode node;
    private final Executor executor;
    private @Nullable CompletableFuture<JsonElement> latest;
    private long begunNanos;

    MembersView(HoldfastNode node, Executor executor) {
        this.node = node;
        this.executor = executor;
    }

    /** Takes up to three seconds or so, if one of them is silent. */
    synchronized CompletionStage<JsonElement> json() {
        CompletableFuture<JsonElement> known = latest;
        if (known == null || (known.isDone() && System.nanoTime() - begunNanos >= HOLDS_NANOS)) {
            known = CompletableFuture.supplyAsync(this::ask, executor);
            latest = known;
            begunNanos = System.nanoTime();
        }
        return known;
    }

    private JsonElement ask() {
        try {
            return asked();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Problem(HttpStatus.SERVICE_UNAVAILABLE_503, "the peer is closing");
        }
    }

    private JsonElement asked() throws InterruptedException {
        List<MemberStatus> members = node.membership().list();
        Map<MemberStatus, PeerStatus> answers = node.membership()
                .statuses(members.stream().filter(MemberStatus::answers).toList());
        JsonObject json = new JsonObject();
        json.add("members", Views.array(members, member -> member(member, answers)));
        return json;
    }

    private JsonObject member(MemberStatus member, Map<MemberStatus, PeerStatus> answers) {
        PeerStatus answer = answers.get(member);
        JsonObject json = new JsonObject();
        json.addProperty("id", member.name());
        json.addProperty("incarnation", member.incarnation());
        json.addProperty("role", member.role().name().toLowerCase(Locale.ROOT));
        json.addProperty("raft", member.raft().toString());
        json.addProperty("clients", member.clients().toString());
        json.addProperty("answers", answer != null);
        json.addProperty("version", answer == null ? member.version() : answer.version());
        json.add("disk", disk(answer));
        JsonArray groups = new JsonArray();
        List<GroupStatus> parts = answer == null ? List.of() : answer.groups();
        for (int group = 0; group < parts.size(); group++) {
            groups.add(group(group, parts.get(group), furthest(answers.values(), group)));
        }
        json.add("groups", groups);
        return json;
    }

    /** How far that group has been applied where it has been applied furthest. */
    private static long furthest(Collection<PeerStatus> answers, int group) {
        return answers.stream()
                .filter(each -> each.groups().size() > group)
                .mapToLong(each -> each.groups().get(group).appliedIndex())
                .max()
                .orElse(-1);
    }

    private static JsonObject group(int number, GroupStatus status, long furthest) {
        JsonObject json = new JsonObject();
        json.addProperty("group", number);
        json.addProperty("role", status.role().name().toLowerCase(Locale.ROOT));
        json.addProperty("term", status.term());
        json.addProperty("last", status.lastIndex());
        json.addProperty("committed", status.committedIndex());
        json.addProperty("applied", status.appliedIndex());
        json.addProperty("lag", Math.max(0, furthest - status.appliedIndex()));
        json.addProperty("stateBytes", status.stateBytes());
        json.addProperty("stateBytesMax", status.stateBytesMax());
        return json;
    }

    private static JsonElement disk(@Nullable PeerStatus answer) {
        if (answer == null || answer.freeDiskBytes().isEmpty()) {
            return JsonNull.INSTANCE;
        }
        JsonObject json = new JsonObject();
        json.addProperty("freeBytes", answer.freeDiskBytes().getAsLong());
        return json;
    }
}
