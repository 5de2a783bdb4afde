package dev.holdfast.http.internal.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Owner;
import java.time.Instant;
import java.util.Collection;
import java.util.Locale;
import java.util.function.Function;

/** Writes what leaders answer as JSON. */
final class Views {
    static JsonObject lockable(Answer.LockableView view) {
        JsonObject json = name(view.lockable());
        json.addProperty("held", view.held());
        json.add("holds", array(view.holds(), Views::hold));
        json.addProperty("waiterCount", view.waiterCount());
        json.add("waiters", array(view.waiters(), Views::waiter));
        return json;
    }

    static JsonObject name(LockableKey lockable) {
        JsonObject json = new JsonObject();
        json.addProperty("kind", lockable.kind().name().toLowerCase(Locale.ROOT));
        json.addProperty("key", lockable.key());
        return json;
    }

    private static JsonObject hold(Answer.HoldView hold) {
        JsonObject json = new JsonObject();
        json.add("owner", owner(hold.owner()));
        json.addProperty("token", hold.token());
        json.addProperty("count", hold.count());
        json.addProperty("lease", word(hold.lease()));
        json.addProperty("heldForMs", hold.heldForMs());
        json.add("leaseLeftMs", timeLeft(hold.leaseLeftMs()));
        json.add("sessions", array(hold.sessions(), Views::session));
        return json;
    }

    /** A constant, as programs read it. */
    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static JsonObject history(LockableKey lockable, Answer.HistoryPage page) {
        JsonObject json = name(lockable);
        json.add("changes", array(page.changes(), Views::change));
        json.addProperty(
                "next",
                page.more() && !page.changes().isEmpty()
                        ? Cursor.of(
                                page.changes().get(page.changes().size() - 1).number())
                        : null);
        json.add("knownForMs", timeLeft(page.knownForMs()));
        return json;
    }

    private static JsonObject change(Answer.ChangeView change) {
        JsonObject json = new JsonObject();
        json.addProperty("number", change.number());
        json.addProperty("what", word(change.kind()));
        json.add("owner", owner(change.owner()));
        json.addProperty("token", change.token() == 0 ? null : change.token());
        json.addProperty("count", change.count());
        json.addProperty("agoMs", change.agoMs());
        json.addProperty("lastedMs", change.lastedMs() == Answer.ChangeView.NOTHING_ENDED ? null : change.lastedMs());
        Answer.SessionView session = change.session();
        json.add("session", session == null ? JsonNull.INSTANCE : session(session));
        return json;
    }

    private static JsonElement timeLeft(long ms) {
        return ms == LogTime.NEVER ? JsonNull.INSTANCE : new JsonPrimitive(ms);
    }

    private static JsonObject waiter(Answer.WaiterView waiter) {
        JsonObject json = new JsonObject();
        json.add("owner", owner(waiter.owner()));
        json.addProperty("permits", waiter.permits());
        json.addProperty("limit", waiter.limit());
        json.addProperty("waitedMs", waiter.waitedMs());
        json.add("waitLeftMs", timeLeft(waiter.waitLeftMs()));
        json.add("session", session(waiter.session()));
        return json;
    }

    static JsonObject owner(Owner owner) {
        JsonObject json = new JsonObject();
        json.addProperty("type", owner.type());
        json.addProperty("id", owner.id());
        Owner.Scope scope = owner.within();
        if (scope == null) {
            json.add("within", JsonNull.INSTANCE);
        } else {
            JsonObject within = new JsonObject();
            within.addProperty("type", scope.type());
            within.addProperty("id", scope.id());
            json.add("within", within);
        }
        return json;
    }

    private static JsonObject session(Answer.SessionView session) {
        JsonObject json = new JsonObject();
        json.addProperty("id", session.id());
        json.addProperty("host", session.host());
        json.addProperty("name", session.name());
        json.addProperty("principal", session.principal());
        json.addProperty("address", session.address());
        return json;
    }

    static JsonObject session(int group, Answer.SessionSummary session) {
        JsonObject json = new JsonObject();
        // Whoever knows the whole id may act as that session.
        json.addProperty("id", session.id().shortForm());
        json.addProperty("group", group);
        json.addProperty("host", session.host());
        json.addProperty("name", session.name());
        json.addProperty("principal", session.principal());
        json.addProperty("address", session.address());
        json.addProperty("leaseMs", session.leaseMs());
        json.addProperty("openForMs", session.openForMs());
        json.addProperty("holds", session.holds());
        json.addProperty("waiters", session.waiters());
        return json;
    }

    static JsonObject audit(int group, AuditRecord each) {
        JsonObject json = new JsonObject();
        json.addProperty("group", group);
        json.addProperty("number", each.number());
        json.addProperty(
                "at",
                each.atEpochMs() == 0
                        ? null
                        : Instant.ofEpochMilli(each.atEpochMs()).toString());
        json.addProperty("principal", each.principal());
        json.addProperty("address", each.address());
        json.addProperty("action", each.action());
        json.addProperty("target", each.target());
        json.addProperty("detail", each.detail());
        return json;
    }

    static <T> JsonArray array(Collection<T> all, Function<? super T, ? extends JsonElement> each) {
        JsonArray array = new JsonArray(all.size());
        all.forEach(one -> array.add(each.apply(one)));
        return array;
    }

    private Views() {}
}
