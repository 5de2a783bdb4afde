package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.BOB;
import static dev.holdfast.statemachine.Acquires.CAT;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static dev.holdfast.statemachine.Acquires.POOL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.OwnerBinding;
import dev.holdfast.protocol.Role;
import dev.holdfast.protocol.Rule;
import dev.holdfast.statemachine.Succession.Keep;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SuccessionTest {
    private static final LockableKey KEPT = LockableKey.mutex("kept");
    private static final LockableKey LEASED = LockableKey.mutex("leased");
    private static final long NEW_INDEX = 7;

    private final Scenario scenario = new Scenario();
    private final TestSession one = scenario.open();
    private final TestSession two = scenario.open();

    private Succession.Summary succeed(Keep keep) {
        return Succession.apply(scenario.machine(), keep, Succession.TOKENS_AHEAD, NEW_INDEX);
    }

    private Hold holdOn(LockableKey lockable) {
        return scenario.state().lockable(lockable).oldestHold();
    }

    private boolean isFree(LockableKey lockable) {
        return scenario.state().lockables.get(lockable) == null;
    }

    private static long tokenOf(Outcome outcome) {
        return ((Outcome.Granted) outcome).token();
    }

    @Test
    void tokens_go_on_far_above_all_that_the_cluster_before_can_have_granted() throws CorruptSnapshotException {
        long before = tokenOf(one.acquire(MUTEX, ANN));

        Succession.Summary summary = succeed(Keep.UNTIL_RELEASED);

        assertThat(summary.tokenBefore()).isEqualTo(before);
        assertThat(summary.tokenAfter()).isEqualTo(before + (1L << 40));
        scenario.restart();
        assertThat(tokenOf(scenario.open().acquire(MUTEX, ANN))).isEqualTo(before + (1L << 40) + 1);
    }

    @Test
    void only_what_is_held_until_it_is_released_is_left() throws CorruptSnapshotException {
        one.acquire(MUTEX, ANN);
        one.acquire(LEASED, ANN, Lease.ttl(100), 0);
        long kept = tokenOf(two.acquire(KEPT, BOB, Lease.UNTIL_RELEASED, 0));

        Succession.Summary summary = succeed(Keep.UNTIL_RELEASED);

        assertThat(summary.holdsKept()).isEqualTo(1);
        assertThat(summary.holdsDropped()).isEqualTo(2);
        assertThat(summary.sessionsEnded()).isEqualTo(2);
        assertThat(isFree(MUTEX)).isTrue();
        assertThat(isFree(LEASED)).isTrue();
        assertThat(holdOn(KEPT).token).isEqualTo(kept);
        assertThat(scenario.machine().sessionCount()).isZero();
        scenario.restart();
        TestSession heir = scenario.open();
        assertThat(heir.acquire(KEPT, ANN)).isInstanceOf(Outcome.Refused.class);
        assertThat(heir.release(KEPT, BOB, kept)).isInstanceOf(Outcome.Released.class);
        assertThat(heir.acquire(KEPT, ANN)).isInstanceOf(Outcome.Granted.class);
    }

    @Test
    void nothing_is_left_if_that_is_asked_for() {
        two.acquire(KEPT, BOB, Lease.UNTIL_RELEASED, 0);

        assertThat(succeed(Keep.NOTHING).holdsKept()).isZero();

        assertThat(isFree(KEPT)).isTrue();
    }

    @Test
    void nobody_is_granted_what_the_ended_sessions_leave() {
        one.acquire(MUTEX, ANN);
        two.acquire(MUTEX, BOB, Lease.UNTIL_RELEASED, Command.Acquire.WAIT_FOREVER);
        one.acquirePermits(POOL, ANN, 5, 5);
        two.acquirePermitsOrWait(POOL, BOB, 5, 5);
        long highest = scenario.machine().lastToken();

        Succession.Summary summary = succeed(Keep.UNTIL_RELEASED);

        assertThat(summary.waitersDropped()).isEqualTo(2);
        assertThat(summary.holdsKept()).isZero();
        assertThat(scenario.machine().lastToken()).isEqualTo(highest + Succession.TOKENS_AHEAD);
        assertThat(isFree(MUTEX)).isTrue();
        assertThat(isFree(POOL)).isTrue();
    }

    @Test
    void of_a_hold_that_is_kept_what_sessions_and_leases_added_is_taken_off() {
        one.acquireReentrantly(KEPT, ANN, Lease.UNTIL_RELEASED);
        one.acquireReentrantly(KEPT, ANN);
        two.acquireReentrantly(KEPT, ANN);
        one.extend(KEPT, ANN, holdOn(KEPT).token, 50);
        assertThat(holdOn(KEPT).count()).isEqualTo(3);

        succeed(Keep.UNTIL_RELEASED);

        assertThat(holdOn(KEPT).count()).isEqualTo(1);
        assertThat(holdOn(KEPT).linkCount()).isZero();
        assertThat(holdOn(KEPT).deadlineMs()).isEqualTo(LogTime.NEVER);
        assertThat(scenario.tickAfter(1000).expiredHolds()).isZero();
    }

    @Test
    void the_sessions_of_the_cluster_before_are_unknown_and_their_ids_are_not_given_again() {
        long highest = two.id().low();

        succeed(Keep.UNTIL_RELEASED);

        assertThat(one.acquire(MUTEX, ANN)).isInstanceOf(Outcome.Rejected.class);
        assertThat(scenario.open().id().low()).isGreaterThan(highest);
    }

    @Test
    void rules_and_audit_stay() {
        TestSession admin = scenario.openAs(new Caller("root", "10.0.0.1", 5));
        Rule rule = new Rule("ann", Role.LOCK, "orders/", OwnerBinding.ANY);
        admin.send(new Command.PutRule(rule));
        long audited = scenario.machine().lastAudited();

        succeed(Keep.NOTHING);

        assertThat(scenario.machine().rules()).containsExactly(rule);
        assertThat(scenario.machine().lastAudited()).isEqualTo(audited).isPositive();
    }

    @Test
    void the_state_is_the_first_at_its_place_in_the_new_log() throws CorruptSnapshotException {
        one.acquire(MUTEX, ANN);

        succeed(Keep.UNTIL_RELEASED);

        scenario.restart();
        assertThat(scenario.machine().appliedIndex()).isEqualTo(NEW_INDEX);
    }

    @Test
    void what_was_released_by_force_and_not_ended_yet_is_not_kept() {
        one.acquirePermits(POOL, ANN, 1, 5);
        one.acquire(KEPT, CAT, Lease.UNTIL_RELEASED, 0);
        scenario.state().lockable(KEPT).condemnAll(scenario.machine().lastToken());

        succeed(Keep.UNTIL_RELEASED);

        assertThat(isFree(KEPT)).isTrue();
    }

    @Test
    void a_token_that_cannot_be_is_refused_and_nothing_is_changed() {
        one.acquire(MUTEX, ANN);
        String before = scenario.hash();

        assertThatThrownBy(() -> Succession.apply(scenario.machine(), Keep.NOTHING, Long.MAX_VALUE, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the highest token is 1");
        assertThatThrownBy(() -> Succession.apply(scenario.machine(), Keep.NOTHING, -1, 0))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(scenario.hash()).isEqualTo(before);
    }

    @Test
    void whatever_came_before_the_invariants_hold_and_it_survives_a_snapshot() throws CorruptSnapshotException {
        for (long seed = 1; seed <= 30; seed++) {
            RandomLog log = new RandomLog(new Random(seed));
            CheckedMachine checked = new CheckedMachine();
            for (int i = 0; i < 60; i++) {
                log.learn(checked.apply(log.next(checked.machine().nextDeadlineMs())), checked.model());
            }
            LockMachine machine = checked.machine();
            LockMachine twin = Snapshots.restore(Snapshots.takeAll(machine));
            long lastToken = machine.lastToken();

            Succession.Summary summary = Succession.apply(machine, Keep.UNTIL_RELEASED, 1000, 3);

            assertThat(Succession.apply(twin, Keep.UNTIL_RELEASED, 1000, 3)).isEqualTo(summary);
            assertThat(twin.stateHash()).as("seed %s", seed).isEqualTo(machine.stateHash());
            new InvariantChecker().check(machine.state);
            assertThat(Snapshots.restore(Snapshots.takeAll(machine)).stateHash())
                    .isEqualTo(machine.stateHash());
            assertThat(machine.lastToken()).isEqualTo(lastToken + 1000);
            assertThat(machine.sessionCount()).isZero();
            assertThat(machine.waiterCount()).isZero();
            assertThat(machine.holdCount()).isEqualTo(summary.holdsKept());
            assertThat(machine.nextDeadlineMs()).isEqualTo(LogTime.NEVER);
        }
    }
}
