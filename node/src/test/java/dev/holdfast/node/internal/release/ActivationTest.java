package dev.holdfast.node.internal.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.time.ManualTimers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ActivationTest {
    private static final int KNOWN = 3;

    /** More than a look, and less than the time for which all must have known. */
    private static final Duration A_WHILE = Duration.ofSeconds(30);

    private final ManualTimers timers = new ManualTimers();
    private final Map<String, Optional<Supported>> members = new LinkedHashMap<>();
    private final List<Integer> asked = new ArrayList<>();
    private int inForce = 1;

    private final Activation activation = activation(false);

    private Activation activation(boolean isNew) {
        return new Activation(
                KNOWN,
                isNew,
                () -> members,
                new Activation.Term() {
                    @Override
                    public int semantics() {
                        return inForce;
                    }

                    @Override
                    public void activate(int semantics) {
                        asked.add(semantics);
                    }
                },
                timers);
    }

    private void member(String id, int semantics) {
        members.put(id, Optional.of(new Supported("", Versions.upTo(1), Versions.upTo(1), Versions.upTo(semantics))));
    }

    private void start() {
        member("a", KNOWN);
        member("b", KNOWN);
        member("c", KNOWN);
        activation.start();
    }

    @Test
    void what_all_members_have_known_for_a_minute_is_switched_on_once() {
        start();
        timers.advance(Duration.ofSeconds(59));
        assertThat(asked).isEmpty();
        timers.advance(Duration.ofSeconds(1));
        assertThat(asked).containsExactly(KNOWN);
        timers.advance(Duration.ofMinutes(10));
        assertThat(asked).hasSize(1);
    }

    @Test
    void a_cluster_that_has_done_nothing_yet_switches_as_soon_as_all_members_are_known_to_know_it() {
        member("a", KNOWN);
        members.put("b", Optional.empty());
        activation(true).start();
        timers.advance(Duration.ofSeconds(10));
        assertThat(asked).isEmpty();
        member("b", KNOWN);
        timers.advance(Duration.ofSeconds(1));
        assertThat(asked).containsExactly(KNOWN);
    }

    @Test
    void a_new_cluster_one_of_whose_members_had_an_older_release_waits_a_minute_for_it_may_be_taken_back() {
        member("a", KNOWN);
        member("b", 1);
        activation(true).start();
        timers.advance(Duration.ofSeconds(10));
        member("b", KNOWN);
        timers.advance(Duration.ofSeconds(50));
        member("b", 1);
        timers.advance(Duration.ofSeconds(10));
        assertThat(asked).isEmpty();
        member("b", KNOWN);
        timers.advance(Duration.ofSeconds(70));
        assertThat(asked).containsExactly(KNOWN);
    }

    @Test
    void one_member_that_does_not_know_it_is_enough_to_wait() {
        start();
        member("c", 1);
        timers.advance(Duration.ofMinutes(10));
        assertThat(asked).isEmpty();
    }

    @Test
    void as_much_is_switched_on_as_all_know() {
        start();
        member("b", 2);
        timers.advance(Duration.ofMinutes(2));
        assertThat(asked).containsExactly(2);
        inForce = 2;
        member("b", KNOWN);
        timers.advance(Duration.ofMinutes(2));
        assertThat(asked).containsExactly(2, KNOWN);
    }

    @Test
    void a_member_that_is_silent_or_taken_back_begins_the_minute_anew() {
        start();
        for (int i = 0; i < 10; i++) {
            timers.advance(A_WHILE);
            members.put("b", Optional.empty());
            timers.advance(Duration.ofSeconds(5));
            member("b", KNOWN);
        }
        assertThat(asked).isEmpty();
        timers.advance(Duration.ofMinutes(1));
        assertThat(asked).containsExactly(KNOWN);
    }

    @Test
    void while_the_list_of_members_changes_nothing_is_switched_on() {
        start();
        members.clear();
        timers.advance(Duration.ofMinutes(10));
        assertThat(asked).isEmpty();
    }

    @Test
    void nothing_is_looked_at_while_there_is_nothing_newer_or_after_the_term() {
        inForce = KNOWN;
        start();
        inForce = 1;
        timers.advance(Duration.ofMinutes(10));
        assertThat(asked).isEmpty();

        activation.start();
        timers.advance(A_WHILE);
        activation.close();
        timers.advance(Duration.ofMinutes(10));
        assertThat(asked).isEmpty();
    }
}
