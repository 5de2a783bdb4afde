package dev.holdfast.http.internal.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LockableKind;
import dev.holdfast.protocol.Owner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for whom: an owner that is queued for a lockable waits for the owners that hold it. A ring of these that only mutexes make never
 * ends by itself, unless somebody's lease or wait runs out: a deadlock. A semaphore makes none here, since any of its holders may be the
 * one who releases.
 *
 * <p>Pages of a listing are true of different moments, and groups know nothing of each other. So what is shown may never have been
 * so at once; but a deadlock stays. Of a queue only its first waiters are known, so a ring through another is not found.
 */
final class Waits {
    /** Shown at most. */
    private static final int RINGS_MAX = 100;

    private static final int WAITS_MAX = 5000;
    private static final int HOLDERS_MAX = 20;

    private final Map<LockableKey, Answer.LockableView> waitedFor = new LinkedHashMap<>();
    private final Map<Owner, Set<LockableKey>> waitsOf = new HashMap<>();
    private final boolean complete;

    /**
     * Those that these tell of.
     *
     * @param all {@linkplain #shortened as short} as they are to be shown
     * @param complete whether these are all that are waited for
     */
    Waits(Collection<Answer.LockableView> all, boolean complete) {
        this.complete = complete
                && all.stream()
                        .allMatch(view -> view.waiterCount() == view.waiters().size());
        for (Answer.LockableView view : all) {
            if (view.waiterCount() > 0) {
                waitedFor.put(view.lockable(), view);
                for (Answer.WaiterView waiter : view.waiters()) {
                    waitsOf.computeIfAbsent(waiter.owner(), owner -> new LinkedHashSet<>())
                            .add(view.lockable());
                }
            }
        }
    }

    /** One step of a ring: the owner waits for the lockable, which the owner of the next step holds. */
    record Step(Owner owner, LockableKey lockable) {}

    /** @param from whose waiters are shown, with all that those wait for who hold it; {@code null} for everything */
    JsonObject json(@Nullable LockableKey from) {
        Collection<LockableKey> shown = from == null ? waitedFor.keySet() : reached(from);
        JsonArray waits = new JsonArray();
        for (LockableKey lockable : shown) {
            Answer.LockableView view = waitedFor.get(lockable);
            if (view != null && waits.size() < WAITS_MAX) {
                addWaits(view, waits);
            }
        }
        JsonObject json = new JsonObject();
        json.add("waits", waits);
        json.add("deadlocks", Views.array(deadlocks(shown), ring -> Views.array(ring, Waits::step)));
        json.addProperty("complete", complete && waits.size() < WAITS_MAX);
        return json;
    }

    private static void addWaits(Answer.LockableView view, JsonArray to) {
        int position = 1;
        for (Answer.WaiterView waiter : view.waiters()) {
            JsonObject wait = new JsonObject();
            wait.add("owner", Views.owner(waiter.owner()));
            wait.add("lockable", Views.name(view.lockable()));
            wait.addProperty("position", position++);
            wait.addProperty("permits", waiter.permits());
            wait.addProperty("waitedMs", waiter.waitedMs());
            wait.add("holders", Views.array(view.holds(), Waits::holder));
            to.add(wait);
        }
    }

    /** As much of it as is shown with each of its waiters. */
    static Answer.LockableView shortened(Answer.LockableView view) {
        return view.holds().size() <= HOLDERS_MAX
                ? view
                : new Answer.LockableView(
                        view.lockable(),
                        view.held(),
                        view.holds().subList(0, HOLDERS_MAX),
                        view.waiterCount(),
                        view.waiters());
    }

    private static JsonObject holder(Answer.HoldView hold) {
        JsonObject json = new JsonObject();
        json.add("owner", Views.owner(hold.owner()));
        json.addProperty("token", hold.token());
        json.addProperty("heldForMs", hold.heldForMs());
        return json;
    }

    private static JsonObject step(Step step) {
        JsonObject json = new JsonObject();
        json.add("owner", Views.owner(step.owner));
        json.add("lockable", Views.name(step.lockable));
        return json;
    }

    private Set<LockableKey> reached(LockableKey from) {
        Set<LockableKey> reached = new LinkedHashSet<>(List.of(from));
        Deque<LockableKey> next = new ArrayDeque<>(reached);
        while (!next.isEmpty()) {
            Answer.LockableView view = waitedFor.get(next.remove());
            if (view != null) {
                for (Answer.HoldView hold : view.holds()) {
                    for (LockableKey waited : waitsOf.getOrDefault(hold.owner(), Set.of())) {
                        if (reached.add(waited)) {
                            next.add(waited);
                        }
                    }
                }
            }
        }
        return reached;
    }

    /**
     * The rings among those lockables. A mutex has one holder, and an owner may wait for several mutexes: so from a mutex one goes to its
     * holder, and from there to each that this one waits for. Each mutex is gone through once, depth first, and each way back to where one
     * came from is a ring.
     */
    private List<List<Step>> deadlocks(Collection<LockableKey> among) {
        List<List<Step>> rings = new ArrayList<>();
        Set<LockableKey> entered = new HashSet<>();
        for (LockableKey start : among) {
            addRingsFrom(start, entered, rings);
        }
        return rings;
    }

    /** A place on the way, and which of those that its holder waits for are still to be tried. */
    private record Place(LockableKey lockable, Owner holder, Deque<LockableKey> untried) {}

    private void addRingsFrom(LockableKey start, Set<LockableKey> entered, List<List<Step>> rings) {
        List<Place> way = new ArrayList<>();
        Map<LockableKey, Integer> positions = new HashMap<>();
        enter(start, entered, way, positions);
        while (!way.isEmpty() && rings.size() < RINGS_MAX) {
            Place last = way.get(way.size() - 1);
            LockableKey next = last.untried.poll();
            if (next == null) {
                way.remove(way.size() - 1);
                positions.remove(last.lockable);
                continue;
            }
            Integer back = positions.get(next);
            if (back != null) {
                rings.add(ring(way.subList(back, way.size()), next));
            } else {
                enter(next, entered, way, positions);
            }
        }
    }

    private void enter(
            LockableKey lockable, Set<LockableKey> entered, List<Place> way, Map<LockableKey, Integer> positions) {
        Answer.LockableView view = waitedFor.get(lockable);
        if (view == null || view.holds().isEmpty() || lockable.kind() != LockableKind.MUTEX || !entered.add(lockable)) {
            return;
        }
        Owner holder = view.holds().get(0).owner();
        positions.put(lockable, way.size());
        way.add(new Place(lockable, holder, new ArrayDeque<>(waitsOf.getOrDefault(holder, Set.of()))));
    }

    /** Each holder on the way waits for the mutex of the next place; the last for the first one's. */
    private static List<Step> ring(List<Place> way, LockableKey first) {
        List<Step> ring = new ArrayList<>();
        for (int i = 0; i < way.size(); i++) {
            LockableKey waitedFor = i + 1 < way.size() ? way.get(i + 1).lockable : first;
            ring.add(new Step(way.get(i).holder, waitedFor));
        }
        return ring;
    }
}
