package dev.holdfast.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.OwnerBinding;
import dev.holdfast.protocol.Role;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class SizeBoundTest {
    /** Three bytes of UTF-8 for one UTF-16 unit. */
    private static final String WIDE = "\u20ac";

    @SuppressWarnings("unused") // by name
    private static final List<ClientCommand> LARGEST = largest();

    private static List<ClientCommand> largest() {
        LockableKey key = LockableKey.semaphore(WIDE.repeat(Limits.KEY_BYTES_MAX));
        String name = WIDE.repeat(Limits.NAME_BYTES_MAX);
        Owner owner = new Owner(name, name, new Owner.Scope(name, name));
        long number = Long.MAX_VALUE;
        return List.of(
                new Command.Acquire(
                        key,
                        owner,
                        Integer.MAX_VALUE,
                        Integer.MAX_VALUE,
                        true,
                        new Lease(LeaseKind.UNTIL_RELEASED, number),
                        number),
                new Command.Release(key, owner, number, Integer.MAX_VALUE, number, true),
                new Command.Extend(key, owner, number, number),
                new Command.Attach(key, owner, number),
                new Command.Leave(key, owner, number),
                new Command.ExpireIn(key, owner, number, number, number),
                new Command.Drain(key, owner, Integer.MAX_VALUE, new Lease(LeaseKind.UNTIL_RELEASED, number)),
                new Command.AcquireAll(
                        Collections.nCopies(Limits.LOCKABLES_PER_ACQUIRE_MAX, key),
                        owner,
                        true,
                        new Lease(LeaseKind.UNTIL_RELEASED, number),
                        number),
                new Command.ForceRelease(key, number),
                new Command.RequestRelease(key),
                new Command.OpenSession(number, name, name),
                new Command.PutRule(new Rule(name, Role.ADMIN, key.key(), OwnerBinding.WITHIN)),
                new Command.RemoveRule(new Rule(name, Role.ADMIN, key.key(), OwnerBinding.WITHIN)),
                new Command.EndSession(new SessionId(number, number)),
                new Command.CancelAcquire(number));
    }

    @ParameterizedTest
    @FieldSource("dev.holdfast.protocol.codec.Samples#CLIENT_COMMANDS")
    @FieldSource("LARGEST")
    void no_command_is_larger_than_its_bound(ClientCommand command) {
        assertThat(encodedSize(command)).isLessThanOrEqualTo(SizeBound.of(command));
    }

    @Test
    void the_bound_of_plain_text_is_at_most_three_times_the_text_and_a_constant_more() {
        Command.Acquire acquire = new Command.Acquire(
                LockableKey.mutex("k".repeat(100)), Owner.of("t", "i"), 1, 1, true, Lease.SESSION, 0);

        assertThat(SizeBound.of(acquire)).isLessThanOrEqualTo(3 * encodedSize(acquire));
    }

    @Test
    void no_batch_is_larger_than_its_bound() {
        SessionBatch everything = new SessionBatch(
                Samples.SESSION,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                LARGEST.stream()
                        .map(command -> new SequencedCommand(Long.MAX_VALUE, command))
                        .toList());
        SessionBatch empty = new SessionBatch(Samples.SESSION, Long.MAX_VALUE, Long.MAX_VALUE, List.of());

        assertThat((long) encodedSize(everything)).isLessThanOrEqualTo(SizeBound.of(everything));
        assertThat((long) encodedSize(empty)).isLessThanOrEqualTo(SizeBound.of(empty));
        String name = WIDE.repeat(Limits.NAME_BYTES_MAX);
        SessionBatch called = empty.withCaller(new Caller(name, name, Long.MAX_VALUE));
        assertThat((long) encodedSize(called)).isLessThanOrEqualTo(SizeBound.of(called));
    }

    /** What the command adds to the batch that carries it. */
    private static int encodedSize(ClientCommand command) {
        SessionBatch without = new SessionBatch(Samples.SESSION, 0, 0, List.of());
        SessionBatch with =
                new SessionBatch(Samples.SESSION, 0, 0, List.of(new SequencedCommand(Long.MAX_VALUE, command)));
        return BatchCodec.encode(with).length - BatchCodec.encode(without).length;
    }

    private static int encodedSize(SessionBatch batch) {
        return BatchCodec.encode(Batch.of(batch), 0).length;
    }
}
