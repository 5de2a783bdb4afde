package dev.holdfast.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.v1.AcquireProto;
import dev.holdfast.protocol.v1.AnswerProto;
import dev.holdfast.protocol.v1.BatchProto;
import dev.holdfast.protocol.v1.ForceReleaseProto;
import dev.holdfast.protocol.v1.HoldLostProto;
import dev.holdfast.protocol.v1.HoldViewProto;
import dev.holdfast.protocol.v1.InspectProto;
import dev.holdfast.protocol.v1.LeaseKindProto;
import dev.holdfast.protocol.v1.LockableKeyProto;
import dev.holdfast.protocol.v1.LockableKindProto;
import dev.holdfast.protocol.v1.LockableViewProto;
import dev.holdfast.protocol.v1.NumberedEventProto;
import dev.holdfast.protocol.v1.QueryProto;
import dev.holdfast.protocol.v1.RejectedProto;
import dev.holdfast.protocol.v1.RuleProto;
import dev.holdfast.protocol.v1.SequencedCommandProto;
import dev.holdfast.protocol.v1.SequencedOutcomeProto;
import dev.holdfast.protocol.v1.SessionBatchProto;
import dev.holdfast.protocol.v1.SystemCommandProto;
import dev.holdfast.protocol.v1.WaitEndedProto;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class MalformedMessageTest {
    private static final int SEEDS = 5000;
    private static final int UNKNOWN = 99;
    private static final LockableKeyProto MUTEX = LockableKeyProto.newBuilder()
            .setKind(LockableKindProto.LOCKABLE_KIND_MUTEX)
            .setKey("key")
            .build();

    @Test
    void a_message_with_a_missing_part_is_malformed() {
        assertMalformed(() -> decode(batch(SequencedCommandProto.getDefaultInstance())));
        assertMalformed(() -> decode(BatchProto.newBuilder()
                .addSystem(SystemCommandProto.getDefaultInstance())
                .build()));
        assertMalformed(() -> OutcomeCodec.decode(SequencedOutcomeProto.getDefaultInstance()));
        assertMalformed(() -> OutcomeCodec.decode(NumberedEventProto.getDefaultInstance()));
        assertMalformed(() -> QueryCodec.decode(QueryProto.getDefaultInstance()));
        assertMalformed(() -> QueryCodec.decode(AnswerProto.getDefaultInstance()));
    }

    @Test
    void a_rule_with_an_unknown_role_or_binding_is_malformed() {
        RuleProto rule = RuleCodec.encode(Samples.BOUND);
        assertMalformed(
                () -> RuleCodec.decode(rule.toBuilder().setRoleValue(UNKNOWN).build()));
        assertMalformed(() -> RuleCodec.decode(rule.toBuilder().clearRole().build()));
        assertMalformed(
                () -> RuleCodec.decode(rule.toBuilder().setBindingValue(UNKNOWN).build()));
        assertMalformed(() -> decode(batch(SequencedCommandProto.newBuilder()
                .setPutRule(RuleProto.getDefaultInstance())
                .build())));
    }

    @Test
    void an_unknown_kind_of_lockable_is_malformed() {
        for (int kind : new int[] {0, UNKNOWN}) {
            LockableKeyProto lockable = MUTEX.toBuilder().setKindValue(kind).build();
            assertMalformed(() -> TermCodec.decode(lockable));
            assertMalformed(() -> decode(batch(SequencedCommandProto.newBuilder()
                    .setForceRelease(ForceReleaseProto.newBuilder().setLockable(lockable))
                    .build())));
            assertMalformed(() -> QueryCodec.decode(QueryProto.newBuilder()
                    .setInspect(InspectProto.newBuilder().setLockable(lockable))
                    .build()));
        }
    }

    @Test
    void an_unknown_kind_of_lease_is_malformed() {
        for (int kind : new int[] {0, UNKNOWN}) {
            assertMalformed(() -> decode(batch(SequencedCommandProto.newBuilder()
                    .setAcquire(AcquireProto.newBuilder().setLockable(MUTEX).setLeaseValue(kind))
                    .build())));
            assertMalformed(() -> QueryCodec.decode(AnswerProto.newBuilder()
                    .setLockable(LockableViewProto.newBuilder()
                            .setLockable(MUTEX)
                            .addHolds(HoldViewProto.newBuilder().setLeaseValue(kind)))
                    .build()));
        }
        assertMalformed(() -> TermCodec.decode(LeaseKindProto.UNRECOGNIZED));
    }

    @Test
    void an_unknown_reason_or_code_is_malformed() {
        for (int value : new int[] {0, UNKNOWN}) {
            RejectedProto rejected =
                    RejectedProto.newBuilder().setCodeValue(value).build();
            assertMalformed(() -> OutcomeCodec.decode(
                    SequencedOutcomeProto.newBuilder().setRejected(rejected).build()));
            assertMalformed(() -> QueryCodec.decode(
                    AnswerProto.newBuilder().setRejected(rejected).build()));
            assertMalformed(() -> OutcomeCodec.decode(NumberedEventProto.newBuilder()
                    .setWaitEnded(WaitEndedProto.newBuilder().setReasonValue(value))
                    .build()));
            assertMalformed(() -> OutcomeCodec.decode(NumberedEventProto.newBuilder()
                    .setHoldLost(HoldLostProto.newBuilder().setLockable(MUTEX).setReasonValue(value))
                    .build()));
        }
    }

    @Test
    void a_truncated_batch_is_malformed_or_shorter_but_never_crashes() {
        ByteString bytes = ByteString.copyFrom(BatchCodec.encode(Samples.batchOfEverything(), 0));
        for (int length = 0; length < bytes.size(); length++) {
            decodeAnything(bytes.substring(0, length), "cut at " + length);
        }
    }

    @Test
    void random_bytes_are_malformed_or_read_but_never_crash() {
        int malformed = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[1 + random.nextInt(64)];
            random.nextBytes(bytes);
            malformed += decodeAnything(ByteString.copyFrom(bytes), "seed " + seed) ? 0 : 1;
        }
        assertThat(malformed).isGreaterThan(SEEDS * 3 / 4);
    }

    @Test
    void flipped_bits_are_malformed_or_read_but_never_crash() {
        byte[] valid = BatchCodec.encode(Samples.batchOfEverything(), 0);
        int malformed = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Random random = new Random(seed);
            byte[] bytes = valid.clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            malformed += decodeAnything(ByteString.copyFrom(bytes), "seed " + seed) ? 0 : 1;
        }
        assertThat(malformed).isBetween(1, SEEDS - 1);
    }

    /** Whether the bytes could be decoded; what was decoded must survive a round trip. */
    private static boolean decodeAnything(ByteString bytes, String what) {
        try {
            var batch = BatchCodec.decode(bytes.toByteArray(), 0);
            assertThat(BatchCodec.decode(BatchCodec.encode(batch, 0), 0))
                    .as(what)
                    .isEqualTo(batch);
            return true;
        } catch (MalformedMessageException e) {
            return false;
        } catch (RuntimeException e) {
            throw new AssertionError(what, e);
        }
    }

    private static Batch decode(BatchProto batch) throws MalformedMessageException {
        return BatchCodec.decode(batch.toByteArray(), 0);
    }

    private static BatchProto batch(SequencedCommandProto command) {
        return BatchProto.newBuilder()
                .addSessions(SessionBatchProto.newBuilder().addCommands(command))
                .build();
    }

    private static void assertMalformed(ThrowingCallable decode) {
        assertThatThrownBy(decode).isInstanceOf(MalformedMessageException.class);
    }
}
