package dev.holdfast.http.internal.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.KeyGroups;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionId;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/** What there is in all groups, page by page. One for each request. */
final class Listings {
    static final int PAGE_MAX = 500;

    private static final int WAITERS_SHOWN = 100;
    private static final int AUDIT_SHOWN = 200;

    /** Of one group: with more, the graph is not complete. */
    private static final int WAIT_PAGES_MAX = 40;

    private static final int WAITED_FOR_MAX = 1000;

    private final ClusterTransport cluster;
    private final Asking asking;
    private final InstantSource clock;

    Listings(ClusterTransport cluster, Asking asking, InstantSource clock) {
        this.cluster = cluster;
        this.asking = asking;
        this.clock = clock;
    }

    private <T> CompletionStage<List<T>> ofAllGroups(Function<Integer, CompletionStage<T>> one) {
        List<CompletableFuture<T>> all = IntStream.range(0, cluster.groups())
                .mapToObj(group -> one.apply(group).toCompletableFuture())
                .toList();
        return CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> all.stream().map(CompletableFuture::join).toList());
    }

    private <T extends Answer> CompletionStage<T> ask(int group, Query query, Class<T> expected) {
        return asking.ask(cluster.group(group), query, expected);
    }

    CompletionStage<JsonElement> lockables(String prefix, @Nullable LockableKey after, int limit) {
        return ofAllGroups(
                        group -> ask(group, new Query.ListLockables(prefix, after, limit), Answer.LockablePage.class))
                .thenApply(pages -> merged(pages, limit));
    }

    private static JsonElement merged(List<Answer.LockablePage> pages, int limit) {
        List<Answer.LockableView> all = new ArrayList<>();
        LockableKey bound = null;
        boolean more = false;
        for (Answer.LockablePage page : pages) {
            all.addAll(page.lockables());
            more |= page.more();
            if (page.more()) {
                // What this group has behind the end of its page comes before what others have behind that.
                LockableKey end =
                        page.lockables().get(page.lockables().size() - 1).lockable();
                bound = bound == null || end.compareTo(bound) < 0 ? end : bound;
            }
        }
        all.sort(Comparator.comparing(Answer.LockableView::lockable));
        LockableKey last = bound;
        List<Answer.LockableView> shown = all.stream()
                .filter(view -> last == null || view.lockable().compareTo(last) <= 0)
                .limit(limit)
                .toList();
        more |= shown.size() < all.size();
        JsonObject json = new JsonObject();
        json.add("lockables", Views.array(shown, Views::lockable));
        json.addProperty("next", more ? Cursor.of(shown.get(shown.size() - 1).lockable()) : null);
        return json;
    }

    CompletionStage<JsonElement> lockable(LockableKey lockable) {
        int group = KeyGroups.of(lockable.key(), cluster.groups());
        return ask(group, new Query.Inspect(lockable, WAITERS_SHOWN), Answer.LockableView.class)
                .thenApply(Views::lockable);
    }

    /** What happened to it before the change with that number, newest first. */
    CompletionStage<JsonElement> history(LockableKey lockable, long beforeNumber, int limit) {
        int group = KeyGroups.of(lockable.key(), cluster.groups());
        return ask(group, new Query.History(lockable, beforeNumber, limit), Answer.HistoryPage.class)
                .exceptionallyCompose(failure -> CompletableFuture.failedStage(
                        TransportException.of(failure).kind() == TransportException.Kind.REFUSED
                                ? tooOld(failure)
                                : failure))
                .thenApply(page -> Views.history(lockable, page));
    }

    /** The question itself is refused by a leader that cannot read it, and by no other. */
    private static Problem tooOld(Throwable failure) {
        return new Problem(
                HttpStatus.NOT_IMPLEMENTED_501,
                "the release of the member that was asked is too old to remember what happened: "
                        + TransportException.of(failure).getMessage());
    }

    /** Looks through all that is locked, so it is not to be done for each who asks. */
    CompletionStage<Waits> waits() {
        return ofAllGroups(group -> waitedFor(group, null, new ArrayList<>(), 1))
                .thenApply(groups -> {
                    List<Answer.LockableView> all = new ArrayList<>();
                    boolean complete = true;
                    for (WaitedFor each : groups) {
                        all.addAll(each.views);
                        complete &= each.complete;
                    }
                    return new Waits(all, complete);
                });
    }

    private record WaitedFor(List<Answer.LockableView> views, boolean complete) {}

    private CompletionStage<WaitedFor> waitedFor(
            int group, @Nullable LockableKey after, List<Answer.LockableView> found, int pageNumber) {
        return ask(group, new Query.ListLockables("", after, PAGE_MAX, true), Answer.LockablePage.class)
                .thenCompose(page -> {
                    LockableKey last = after;
                    for (Answer.LockableView view : page.lockables()) {
                        last = view.lockable();
                        if (view.waiterCount() > 0) {
                            found.add(Waits.shortened(view));
                        }
                    }
                    if (!page.more() || pageNumber == WAIT_PAGES_MAX || found.size() >= WAITED_FOR_MAX) {
                        return CompletableFuture.completedStage(new WaitedFor(found, !page.more()));
                    }
                    return waitedFor(group, last, found, pageNumber + 1);
                });
    }

    CompletionStage<JsonElement> sessions(Cursor.@Nullable AfterSession after, int limit) {
        int group = after == null ? 0 : after.group();
        if (group < 0 || group >= cluster.groups()) {
            throw Problem.badRequest("there is no group " + group);
        }
        SessionId session = after == null ? SessionId.NONE : after.session();
        return sessions(group, session, limit, new JsonArray());
    }

    private CompletionStage<JsonElement> sessions(int group, SessionId after, int limit, JsonArray found) {
        return ask(group, new Query.ListSessions(after, limit - found.size()), Answer.SessionPage.class)
                .thenCompose(page -> {
                    page.sessions().forEach(each -> found.add(Views.session(group, each)));
                    boolean isLastGroup = group + 1 == cluster.groups();
                    if (!page.more() && !isLastGroup && found.size() < limit) {
                        return sessions(group + 1, SessionId.NONE, limit, found);
                    }
                    JsonObject json = new JsonObject();
                    json.add("sessions", found);
                    json.addProperty("next", page.more() || !isLastGroup ? next(group, page) : null);
                    return CompletableFuture.completedStage(json);
                });
    }

    private static String next(int group, Answer.SessionPage page) {
        return Cursor.of(
                page.more()
                        ? new Cursor.AfterSession(
                                group,
                                page.sessions().get(page.sessions().size() - 1).id())
                        : new Cursor.AfterSession(group + 1, SessionId.NONE));
    }

    /** The sessions of that short form, in whichever group. */
    CompletionStage<List<FoundSession>> find(String shortForm) {
        // Ids are in the order of their first digits, which are the short form.
        long high;
        try {
            high = Long.parseUnsignedLong(shortForm + "00000000", 16);
        } catch (NumberFormatException e) {
            throw Problem.badRequest("'id' should be what the list of sessions gives, 8 hexadecimal digits");
        }
        SessionId before = new SessionId(high, 0);
        return ofAllGroups(group -> ask(group, new Query.ListSessions(before, 2), Answer.SessionPage.class)
                        .thenApply(page -> page.sessions().stream()
                                .filter(each -> each.id().shortForm().equals(shortForm))
                                .map(each -> new FoundSession(group, each.id()))
                                .toList()))
                .thenApply(groups -> groups.stream().flatMap(List::stream).toList());
    }

    record FoundSession(int group, SessionId id) {}

    CompletionStage<JsonElement> summary(WaitTotals waits) {
        return ofAllGroups(group -> ask(group, new Query.Summary(), Answer.StateSummary.class))
                .thenApply(groups -> {
                    JsonObject json = new JsonObject();
                    json.addProperty("atMs", clock.millis());
                    json.addProperty("grants", sum(groups, Answer.StateSummary::lastToken));
                    waits.addTo(json);
                    json.addProperty("lockables", sum(groups, Answer.StateSummary::lockables));
                    json.addProperty("holds", sum(groups, Answer.StateSummary::holds));
                    json.addProperty("waiters", sum(groups, Answer.StateSummary::waiters));
                    json.addProperty("sessions", sum(groups, Answer.StateSummary::sessions));
                    json.addProperty("bytes", sum(groups, Answer.StateSummary::bytes));
                    json.addProperty("bytesMax", sum(groups, Answer.StateSummary::bytesMax));
                    return json;
                });
    }

    private static long sum(List<Answer.StateSummary> groups, ToLongFunction<Answer.StateSummary> what) {
        return groups.stream().mapToLong(what).sum();
    }

    /** The newest records, newest first. */
    CompletionStage<JsonElement> audit() {
        return ofAllGroups(group -> audit(group, 0, new ArrayList<>())).thenApply(groups -> {
            List<Recorded> all = new ArrayList<>();
            groups.forEach(all::addAll);
            all.sort(Recorded.NEWEST_FIRST);
            JsonObject json = new JsonObject();
            json.add(
                    "records",
                    Views.array(
                            all.stream().limit(AUDIT_SHOWN).toList(), each -> Views.audit(each.group, each.record)));
            return json;
        });
    }

    private record Recorded(int group, AuditRecord record) {
        static final Comparator<Recorded> NEWEST_FIRST = Comparator.comparingLong(
                        (Recorded each) -> each.record.atEpochMs())
                .thenComparingLong(each -> each.record.number())
                .reversed();
    }

    private CompletionStage<List<Recorded>> audit(int group, long after, List<Recorded> found) {
        return ask(group, new Query.Audit(after, PAGE_MAX), Answer.AuditPage.class)
                .thenCompose(page -> {
                    page.records().forEach(each -> found.add(new Recorded(group, each)));
                    return page.more() && !page.records().isEmpty()
                            ? audit(
                                    group,
                                    page.records()
                                            .get(page.records().size() - 1)
                                            .number(),
                                    found)
                            : CompletableFuture.completedStage(found);
                });
    }
}
