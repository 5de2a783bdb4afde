package dev.holdfast.client.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OwnedLockablesTest {
    private static final Owner ALICE = new Owner("user", "alice", null);
    private static final Owner BOB = new Owner("user", "bob", null);
    private static final LockableKey LOCK = LockableKey.mutex("a");

    private static OwnedLockables of(ClientCommand... commands) {
        return OwnedLockables.of(List.of(commands));
    }

    private static ClientCommand acquire(LockableKey lockable, Owner owner) {
        return new Command.Acquire(lockable, owner, 1, 1, false, Lease.SESSION, 0);
    }

    private static ClientCommand release(LockableKey lockable, Owner owner) {
        return new Command.Release(lockable, owner, 1, 0);
    }

    private static ClientCommand extend(LockableKey lockable, Owner owner) {
        return new Command.Extend(lockable, owner, 1, 1000);
    }

    private static ClientCommand acquireAll(Owner owner, LockableKey... lockables) {
        return new Command.AcquireAll(List.of(lockables), owner, false, Lease.SESSION, 0);
    }

    private static Stream<ClientCommand> ofAliceOnLock() {
        return Stream.of(
                acquire(LOCK, ALICE),
                release(LOCK, ALICE),
                extend(LOCK, ALICE),
                acquireAll(ALICE, LockableKey.mutex("b"), LOCK),
                acquireAll(ALICE, LOCK, LockableKey.mutex("c")));
    }

    private static Stream<ClientCommand> withoutOwner() {
        return Stream.of(
                new Command.ForceRelease(LockableKey.mutex("b"), Command.ForceRelease.ANY_TOKEN),
                new Command.CancelAcquire(7),
                new Command.Acknowledge(),
                new Command.CloseSession());
    }

    @Test
    void an_owner_s_commands_on_one_lockable_keep_their_order() {
        assertThat(ofAliceOnLock())
                .allSatisfy(first -> assertThat(ofAliceOnLock())
                        .allMatch(second -> !of(first).commuteWith(second)));
    }

    @Test
    void others_commands_and_those_on_other_lockables_may_change_places_with_them() {
        LockableKey sameNameOtherKind = LockableKey.semaphore("a");
        assertThat(ofAliceOnLock())
                .allSatisfy(first -> assertThat(Stream.of(
                                acquire(LOCK, BOB),
                                release(LOCK, BOB),
                                release(sameNameOtherKind, ALICE),
                                acquireAll(BOB, LOCK),
                                acquireAll(ALICE, LockableKey.mutex("d"))))
                        .allMatch(second -> of(first).commuteWith(second)));
    }

    @Test
    void one_command_among_many_is_enough() {
        OwnedLockables many = of(acquire(LockableKey.mutex("b"), ALICE), acquire(LOCK, BOB), release(LOCK, ALICE));
        assertThat(many.commuteWith(acquire(LOCK, ALICE))).isFalse();
        assertThat(many.commuteWith(acquire(LockableKey.mutex("c"), ALICE))).isTrue();
    }

    @Test
    void what_has_no_owner_keeps_its_place_among_all() {
        assertThat(withoutOwner()).allSatisfy(command -> {
            assertThat(of(acquire(LOCK, ALICE)).commuteWith(command)).isFalse();
            assertThat(of(acquire(LOCK, BOB), command).commuteWith(acquire(LOCK, ALICE)))
                    .isFalse();
        });
    }
}
