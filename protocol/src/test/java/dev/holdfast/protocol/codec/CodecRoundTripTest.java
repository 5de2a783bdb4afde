package dev.holdfast.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.ChangeKind;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SubmitReply;
import dev.holdfast.protocol.v1.AnswerProto;
import dev.holdfast.protocol.v1.BatchProto;
import dev.holdfast.protocol.v1.ChangeKindProto;
import dev.holdfast.protocol.v1.ChangeViewProto;
import dev.holdfast.protocol.v1.HistoryPageProto;
import dev.holdfast.protocol.v1.NumberedEventProto;
import dev.holdfast.protocol.v1.QueryProto;
import dev.holdfast.protocol.v1.SessionBatchProto;
import dev.holdfast.protocol.v1.SubmitReplyProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class CodecRoundTripTest {
    @ParameterizedTest
    @FieldSource("dev.holdfast.protocol.codec.Samples#CLIENT_COMMANDS")
    void a_client_command_comes_back_the_same(Command.ClientCommand command) throws MalformedMessageException {
        assertSurvives(Batch.of(new SessionBatch(Samples.SESSION, 1, 2, List.of(new SequencedCommand(3, command)))));
    }

    @ParameterizedTest
    @FieldSource("dev.holdfast.protocol.codec.Samples#SYSTEM_COMMANDS")
    void a_system_command_comes_back_the_same(Command.SystemCommand command) throws MalformedMessageException {
        assertSurvives(Batch.ofSystem(command));
    }

    @Test
    void a_batch_of_everything_comes_back_the_same() throws MalformedMessageException {
        assertSurvives(Samples.batchOfEverything());
        assertSurvives(Batch.of());
    }

    @Test
    void a_batch_that_says_who_sent_it_comes_back_the_same() throws MalformedMessageException {
        SessionBatch batch = batchOf(new Command.ForceRelease(Samples.MUTEX, 1));
        assertSurvives(Batch.of(batch.withCaller(new Caller("alice", "10.0.0.7", 99))));
        assertSurvives(Batch.of(batch.withCaller(new Caller("", "", 1))));
        assertSurvives(Batch.of(batch.withCaller(new Caller("", "::1", 0))));
    }

    @Test
    void a_batch_that_does_not_say_who_sent_it_is_encoded_as_it_always_was() throws InvalidProtocolBufferException {
        SessionBatch batch = batchOf(new Command.Acknowledge());

        assertThat(SessionBatchProto.parseFrom(BatchCodec.encode(batch)).hasCaller())
                .isFalse();
    }

    @Test
    void outcomes_come_back_the_same() throws MalformedMessageException, InvalidProtocolBufferException {
        List<SequencedOutcome> outcomes = new ArrayList<>();
        for (Outcome outcome : Samples.OUTCOMES) {
            outcomes.add(new SequencedOutcome(Long.MAX_VALUE - outcomes.size(), outcome));
        }
        SubmitReply reply = new SubmitReply(Samples.SESSION, 123, outcomes);

        ByteString bytes = ReplyCodec.encode(reply);

        assertThat(ReplyCodec.decode(bytes)).isEqualTo(reply);
        assertThat(SubmitReplyProto.parseFrom(bytes).toByteString())
                .as("as generated code encodes it")
                .isEqualTo(bytes);
    }

    @ParameterizedTest
    @FieldSource("dev.holdfast.protocol.codec.Samples#EVENTS")
    void an_event_comes_back_the_same(Event event) throws MalformedMessageException, InvalidProtocolBufferException {
        NumberedEvent numbered = new NumberedEvent(Long.MAX_VALUE, event);

        byte[] bytes = OutcomeCodec.encode(numbered).toByteArray();

        assertThat(OutcomeCodec.decode(NumberedEventProto.parseFrom(bytes))).isEqualTo(numbered);
    }

    @ParameterizedTest
    @FieldSource("dev.holdfast.protocol.codec.Samples#QUERIES")
    void a_query_comes_back_the_same(Query query) throws MalformedMessageException, InvalidProtocolBufferException {
        byte[] bytes = QueryCodec.encode(query).toByteArray();

        assertThat(QueryCodec.decode(QueryProto.parseFrom(bytes))).isEqualTo(query);
    }

    @ParameterizedTest
    @FieldSource("dev.holdfast.protocol.codec.Samples#ANSWERS")
    void an_answer_comes_back_the_same(Answer answer) throws MalformedMessageException, InvalidProtocolBufferException {
        byte[] bytes = QueryCodec.encode(answer).toByteArray();

        assertThat(QueryCodec.decode(AnswerProto.parseFrom(bytes))).isEqualTo(answer);
    }

    @Test
    void a_change_of_a_kind_that_only_a_newer_leader_knows_is_left_out() throws MalformedMessageException {
        ChangeViewProto.Builder change = ChangeViewProto.newBuilder().setOwner(TermCodec.encode(Samples.OWNER));
        AnswerProto answer = AnswerProto.newBuilder()
                .setHistory(HistoryPageProto.newBuilder()
                        .addChanges(change.setKindValue(99).build())
                        .addChanges(change.setKind(ChangeKindProto.CHANGE_KIND_EXPIRED)
                                .build()))
                .build();

        Answer.HistoryPage page = (Answer.HistoryPage) QueryCodec.decode(answer);

        assertThat(page.changes()).extracting(Answer.ChangeView::kind).containsExactly(ChangeKind.EXPIRED);
    }

    @Test
    void the_samples_leave_no_kind_of_message_out() {
        assertComplete(Command.ClientCommand.class, Samples.CLIENT_COMMANDS);
        assertComplete(Command.SystemCommand.class, Samples.SYSTEM_COMMANDS);
        assertComplete(Outcome.class, Samples.OUTCOMES);
        assertComplete(Event.class, Samples.EVENTS);
        assertComplete(Query.class, Samples.QUERIES);
        assertComplete(Answer.class, Samples.ANSWERS);
    }

    private static void assertComplete(Class<?> sealed, List<?> samples) {
        Set<Class<?>> sampled = new HashSet<>();
        samples.forEach(sample -> sampled.add(sample.getClass()));
        assertThat(sampled).isEqualTo(kinds(sealed).collect(Collectors.toSet()));
    }

    /** The records of a sealed interface, including those of nested sealed interfaces. */
    private static Stream<Class<?>> kinds(Class<?> type) {
        return type.isSealed()
                ? Arrays.stream(type.getPermittedSubclasses()).flatMap(CodecRoundTripTest::kinds)
                : Stream.of(type);
    }

    @Test
    void a_batch_over_its_bounds_is_malformed() {
        SessionBatch batch = Samples.batchOfEverything().sessions().get(0);
        ByteString bytes = ByteString.copyFrom(BatchCodec.encode(batch));
        int commands = batch.commands().size();

        assertThatCode(() -> BatchCodec.decode(bytes, commands, 200)).doesNotThrowAnyException();
        assertThatThrownBy(() -> BatchCodec.decode(bytes, commands - 1, 200))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("commands");
        assertThatThrownBy(() -> BatchCodec.decode(bytes, commands, 20))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("at most 20");
    }

    @Test
    void an_acquire_of_several_may_have_as_many_bytes_for_each_of_them() throws MalformedMessageException {
        LockableKey longKey = LockableKey.mutex("k".repeat(150));
        SessionBatch several = batchOf(
                new Command.AcquireAll(List.of(longKey, longKey, longKey), Samples.OWNER, false, Lease.SESSION, 0));
        SessionBatch one = batchOf(new Command.AcquireAll(
                List.of(LockableKey.mutex("k".repeat(450))), Samples.OWNER, false, Lease.SESSION, 0));

        assertThat(BatchCodec.decode(ByteString.copyFrom(BatchCodec.encode(several)), 1, 200))
                .isEqualTo(several);
        assertThatThrownBy(() -> BatchCodec.decode(ByteString.copyFrom(BatchCodec.encode(one)), 1, 200))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("at most 200");
    }

    private static SessionBatch batchOf(Command.ClientCommand command) {
        return new SessionBatch(Samples.SESSION, 0, 0, List.of(new SequencedCommand(1, command)));
    }

    @Test
    void a_large_batch_comes_back_the_same() throws MalformedMessageException {
        List<SequencedCommand> commands = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            commands.add(new SequencedCommand(
                    1L << (i % 63), Samples.CLIENT_COMMANDS.get(i % Samples.CLIENT_COMMANDS.size())));
        }
        assertSurvives(Batch.of(new SessionBatch(Samples.SESSION, 1, 2, commands)));
    }

    private static void assertSurvives(Batch batch) throws MalformedMessageException {
        byte[] bytes = BatchCodec.encode(batch, 17);

        Batch decoded = BatchCodec.decode(bytes, 17);

        assertThat(decoded).isEqualTo(batch);
        assertThat(BatchCodec.encode(decoded, 17)).isEqualTo(bytes);
        assertThat(bytes).startsWith(new byte[17]);
        ByteString payload = ByteString.copyFrom(bytes, 17, bytes.length - 17);
        assertThat(generated(payload)).as("as generated code encodes it").isEqualTo(payload);
    }

    private static ByteString generated(ByteString payload) {
        try {
            return BatchProto.parseFrom(payload).toByteString();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
