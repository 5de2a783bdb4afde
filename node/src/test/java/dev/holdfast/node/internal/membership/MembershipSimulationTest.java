package dev.holdfast.node.internal.membership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.remote.MemberChange.Action;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Looks for what {@code Membership.tla} forbids in what the product does about members. */
class MembershipSimulationTest {
    private static final int FEW = 60;
    private static final int MANY = Integer.getInteger("holdfast.membership.seeds", 3_000);

    @Test
    void members_come_and_go_and_no_token_is_granted_twice() {
        run(1, FEW);
    }

    @Test
    @Tag("long")
    void members_come_and_go_under_many_seeds() {
        run(FEW + 1, MANY);
    }

    private static void run(int firstSeed, int seeds) {
        Map<Action, Integer> done = new EnumMap<>(Action.class);
        assertThat(MembershipSimulation.firstFailure(firstSeed, seeds, done)).isNull();
        System.out.println("MembershipSimulationTest: " + seeds + " runs, changes " + done);
        assertThat(done).containsOnlyKeys(Action.values());
        assertThat(done.values()).allSatisfy(times -> assertThat(times).isGreaterThan(seeds / 20));
    }
}
