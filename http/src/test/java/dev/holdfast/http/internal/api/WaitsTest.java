package dev.holdfast.http.internal.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import dev.holdfast.protocol.Answer.HoldView;
import dev.holdfast.protocol.Answer.LockableView;
import dev.holdfast.protocol.Answer.SessionView;
import dev.holdfast.protocol.Answer.WaiterView;
import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Owner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WaitsTest {
    private static final SessionView SESSION = new SessionView("0", "", "", "", "");

    private final List<LockableView> views = new ArrayList<>();

    private static Owner owner(String id) {
        return Owner.of("user", id);
    }

    private static LockableView view(LockableKey lockable, List<String> holders, List<String> waiters) {
        return new LockableView(
                lockable,
                holders.size(),
                holders.stream()
                        .map(each ->
                                new HoldView(owner(each), 7, 1, LeaseKind.SESSION, 10, LogTime.NEVER, List.of(SESSION)))
                        .toList(),
                waiters.size(),
                waiters.stream()
                        .map(each -> new WaiterView(owner(each), 1, 1, 5, LogTime.NEVER, SESSION))
                        .toList());
    }

    private void mutex(String key, String holder, String... waiters) {
        views.add(view(LockableKey.mutex(key), List.of(holder), Arrays.asList(waiters)));
    }

    private List<String> rings(LockableKey from) {
        JsonArray rings = new Waits(views, true).json(from).getAsJsonArray("deadlocks");
        List<String> all = new ArrayList<>();
        for (JsonElement ring : rings) {
            List<String> steps = new ArrayList<>();
            for (JsonElement step : ring.getAsJsonArray()) {
                var json = step.getAsJsonObject();
                steps.add(json.getAsJsonObject("owner").get("id").getAsString() + " waits for "
                        + json.getAsJsonObject("lockable").get("key").getAsString());
            }
            all.add(String.join(", ", steps));
        }
        return all;
    }

    @Test
    void a_ring_of_two_is_a_deadlock() {
        mutex("x", "ann", "bob");
        mutex("y", "bob", "ann");

        assertThat(rings(null)).containsExactly("ann waits for y, bob waits for x");
    }

    @Test
    void a_chain_is_none() {
        mutex("x", "ann", "bob", "carol");
        mutex("y", "bob", "carol");

        assertThat(rings(null)).isEmpty();
    }

    @Test
    void a_ring_is_found_from_what_leads_to_it_and_named_once() {
        mutex("a", "ann", "zoe");
        mutex("b", "bob", "ann");
        mutex("c", "carol", "bob");
        mutex("d", "ann", "carol");
        mutex("elsewhere", "dan", "eve");

        assertThat(rings(null)).containsExactly("bob waits for c, carol waits for d, ann waits for b");
        assertThat(rings(LockableKey.mutex("a"))).hasSize(1);
        assertThat(rings(LockableKey.mutex("elsewhere"))).isEmpty();
    }

    @Test
    void an_owner_that_waits_for_several_is_followed_to_each() {
        mutex("x", "ann", "bob");
        mutex("dead-end", "carol", "ann");
        mutex("y", "bob", "ann");

        assertThat(rings(null)).containsExactly("ann waits for y, bob waits for x");
    }

    @Test
    void each_of_several_rings_is_found() {
        mutex("a", "ann", "bob");
        mutex("b", "bob", "ann", "dan");
        mutex("c", "carol", "bob", "dan");
        mutex("d", "dan", "carol");

        assertThat(rings(null))
                .containsExactlyInAnyOrder(
                        "ann waits for b, bob waits for a",
                        "carol waits for d, dan waits for c",
                        "bob waits for c, carol waits for d, dan waits for b");
    }

    @Test
    void an_owner_that_waits_for_what_it_holds_itself_is_stuck_alone() {
        mutex("x", "ann", "ann");

        assertThat(rings(null)).containsExactly("ann waits for x");
    }

    @Test
    void a_semaphore_makes_none_as_another_holder_may_release() {
        views.add(view(LockableKey.semaphore("pool"), List.of("ann", "carol"), List.of("bob")));
        mutex("y", "bob", "ann");

        assertThat(rings(null)).isEmpty();
    }

    @Test
    void a_long_chain_takes_no_deep_stack() {
        int many = 100_000;
        for (int i = 0; i < many; i++) {
            mutex("k" + i, "o" + i, "o" + (i + 1));
        }
        mutex("k" + many, "o" + many, "o0");

        assertThat(new Waits(views, true).json(null).getAsJsonArray("deadlocks"))
                .hasSize(1);
    }

    @Test
    void what_is_shown_is_bounded_and_says_so() {
        for (int i = 0; i < 600; i++) {
            mutex("k" + i, "ann", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
        }
        var json = new Waits(views, true).json(null);
        assertThat(json.getAsJsonArray("waits")).hasSize(5000);
        assertThat(json.get("complete").getAsBoolean()).isFalse();

        List<String> many = java.util.stream.IntStream.range(0, 1000)
                .mapToObj(String::valueOf)
                .toList();
        LockableView pool = view(LockableKey.semaphore("pool"), many, List.of("bob"));
        assertThat(Waits.shortened(pool).holds()).hasSize(20);
        assertThat(Waits.shortened(pool).held()).isEqualTo(1000);
    }

    @Test
    void it_is_not_complete_if_a_queue_is_longer_than_what_is_known_of_it() {
        LockableView known = view(LockableKey.mutex("x"), List.of("ann"), List.of("bob"));
        views.add(new LockableView(known.lockable(), 1, known.holds(), 11, known.waiters()));

        assertThat(new Waits(views, true).json(null).get("complete").getAsBoolean())
                .isFalse();
    }

    @Test
    void what_a_lockable_s_waiters_wait_for_is_followed_to_the_end() {
        mutex("x", "ann", "bob");
        mutex("y", "carol", "ann");
        mutex("z", "dan", "carol");
        mutex("other", "eve", "frank");

        JsonArray waits = new Waits(views, false).json(LockableKey.mutex("x")).getAsJsonArray("waits");
        assertThat(waits).hasSize(3);
        assertThat(waits.toString()).doesNotContain("frank");
        assertThat(new Waits(views, false).json(null).get("complete").getAsBoolean())
                .isFalse();
    }
}
