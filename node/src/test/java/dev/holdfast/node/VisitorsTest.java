package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.node.gateway.LocalCluster;
import dev.holdfast.node.internal.access.Mandate;
import dev.holdfast.node.internal.access.Principal;
import dev.holdfast.node.support.NoTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class VisitorsTest {
    private final ManualTimers timers = new ManualTimers();
    private final List<String> made = new ArrayList<>();
    private final List<String> closed = new ArrayList<>();
    private final Visitors visitors = new Visitors(
            whom -> {
                String name = whom.principal().name();
                made.add(name);
                return new LocalCluster(List.of(way(() -> closed.add(name))));
            },
            1,
            timers);

    private static Mandate whom(String name) {
        return new Mandate(new Principal(name, Set.of()), "192.0.2.1");
    }

    @Test
    void whoever_comes_again_soon_has_the_same_way() {
        Visitors.Visitor first = visitors.enter(whom("alice"));
        first.leave();
        timers.advance(Visitors.KEPT.dividedBy(2));
        visitors.enter(whom("alice")).leave();

        assertThat(made).containsExactly("alice");
        timers.advance(Visitors.KEPT);
        assertThat(closed).isEmpty();
        timers.advance(Visitors.KEPT);
        assertThat(closed).containsExactly("alice");
    }

    @Test
    void a_way_in_use_is_kept() {
        visitors.enter(whom("alice"));
        visitors.enter(whom("bob")).leave();
        timers.advance(Visitors.KEPT.multipliedBy(3));

        assertThat(closed).containsExactly("bob");
    }

    @Test
    void there_is_a_bound_and_those_who_have_gone_make_room() {
        List<Visitors.Visitor> present = new ArrayList<>();
        for (int i = 0; i < Visitors.MAX; i++) {
            present.add(visitors.enter(whom("caller-" + i)));
        }
        assertThat(visitors.enter(whom("late"))).isNull();

        present.get(7).leave();
        timers.advance(Visitors.KEPT.dividedBy(2));
        present.get(3).leave();
        assertThat(visitors.enter(whom("late"))).isNotNull();
        assertThat(closed).containsExactly("caller-7");
    }

    @Test
    void one_principal_at_many_addresses_does_not_keep_the_others_out() {
        List<Visitors.Visitor> present = new ArrayList<>();
        for (int i = 0; i < Visitors.MAX / 4; i++) {
            present.add(visitors.enter(at("192.0.2." + i)));
        }
        assertThat(visitors.enter(at("198.51.100.1"))).isNull();
        assertThat(visitors.enter(whom("bob"))).isNotNull();

        present.get(5).leave();
        assertThat(visitors.enter(at("198.51.100.1"))).isNotNull();
        assertThat(closed).containsExactly("alice");
    }

    private static Mandate at(String address) {
        return new Mandate(new Principal("alice", Set.of()), address);
    }

    @Test
    void all_ways_end_with_the_peer() {
        visitors.enter(whom("alice"));
        visitors.close();

        assertThat(closed).containsExactly("alice");
        assertThat(visitors.enter(whom("alice"))).isNull();
    }

    /** Only what closes it matters. */
    private static Transport way(Runnable onClose) {
        return new NoTransport() {
            @Override
            public void close() {
                onClose.run();
            }
        };
    }
}
