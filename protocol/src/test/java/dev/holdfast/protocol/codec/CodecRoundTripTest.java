package dev.holdfast.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SubmitReply;
import dev.holdfast.protocol.v1.AnswerProto;
import dev.holdfast.protocol.v1.NumberedEventProto;
import dev.holdfast.protocol.v1.QueryProto;
import dev.holdfast.protocol.v1.SubmitReplyProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
    void outcomes_come_back_the_same() throws MalformedMessageException, InvalidProtocolBufferException {
        List<SequencedOutcome> outcomes = new ArrayList<>();
        for (Outcome outcome : Samples.OUTCOMES) {
            outcomes.add(new SequencedOutcome(Long.MAX_VALUE - outcomes.size(), outcome));
        }
        SubmitReply reply = new SubmitReply(Samples.SESSION, 123, outcomes);

        byte[] bytes = OutcomeCodec.encode(reply).toByteArray();

        assertThat(OutcomeCodec.decode(SubmitReplyProto.parseFrom(bytes))).isEqualTo(reply);
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
        assertThat(sampled).containsExactlyInAnyOrderElementsOf(Arrays.asList(sealed.getPermittedSubclasses()));
    }

    private static void assertSurvives(Batch batch) throws MalformedMessageException {
        ByteString bytes = CommandCodec.encode(batch).toByteString();

        Batch decoded = CommandCodec.decodeBatch(bytes);

        assertThat(decoded).isEqualTo(batch);
        assertThat(CommandCodec.encode(decoded).toByteString()).isEqualTo(bytes);
    }
}
