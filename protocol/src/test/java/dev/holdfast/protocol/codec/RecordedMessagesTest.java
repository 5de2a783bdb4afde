package dev.holdfast.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SubmitReply;
import dev.holdfast.protocol.v1.AnswerProto;
import dev.holdfast.protocol.v1.BatchProto;
import dev.holdfast.protocol.v1.NumberedEventProto;
import dev.holdfast.protocol.v1.QueryProto;
import dev.holdfast.protocol.v1.SubmitReplyProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Messages as earlier releases wrote them, one a line: its kind, its bytes, and what they mean by the names of the schema. They
 * must mean the same for ever. A release is recorded once, with {@code -Dholdfast.record=RELEASE}, and its file never changes
 * after that.
 */
class RecordedMessagesTest {
    private static final Path RECORDED = Path.of("src", "test", "resources", "recorded");
    private static final String FILE = "messages.txt";

    private enum Kind {
        ENTRY {
            @Override
            Message parse(byte[] bytes) throws InvalidProtocolBufferException {
                return BatchProto.parseFrom(bytes);
            }

            @Override
            byte[] throughCodec(byte[] bytes) throws MalformedMessageException {
                return BatchCodec.encode(BatchCodec.decode(bytes, 0), 0);
            }
        },
        REPLY {
            @Override
            Message parse(byte[] bytes) throws InvalidProtocolBufferException {
                return SubmitReplyProto.parseFrom(bytes);
            }

            @Override
            byte[] throughCodec(byte[] bytes) throws MalformedMessageException {
                return ReplyCodec.encode(ReplyCodec.decode(ByteString.copyFrom(bytes)))
                        .toByteArray();
            }
        },
        EVENT {
            @Override
            NumberedEventProto parse(byte[] bytes) throws InvalidProtocolBufferException {
                return NumberedEventProto.parseFrom(bytes);
            }

            @Override
            byte[] throughCodec(byte[] bytes) throws InvalidProtocolBufferException, MalformedMessageException {
                return OutcomeCodec.encode(OutcomeCodec.decode(parse(bytes))).toByteArray();
            }
        },
        QUERY {
            @Override
            QueryProto parse(byte[] bytes) throws InvalidProtocolBufferException {
                return QueryProto.parseFrom(bytes);
            }

            @Override
            byte[] throughCodec(byte[] bytes) throws InvalidProtocolBufferException, MalformedMessageException {
                return QueryCodec.encode(QueryCodec.decode(parse(bytes))).toByteArray();
            }
        },
        ANSWER {
            @Override
            AnswerProto parse(byte[] bytes) throws InvalidProtocolBufferException {
                return AnswerProto.parseFrom(bytes);
            }

            @Override
            byte[] throughCodec(byte[] bytes) throws InvalidProtocolBufferException, MalformedMessageException {
                return QueryCodec.encode(QueryCodec.decode(parse(bytes))).toByteArray();
            }
        };

        abstract Message parse(byte[] bytes) throws InvalidProtocolBufferException;

        abstract byte[] throughCodec(byte[] bytes) throws InvalidProtocolBufferException, MalformedMessageException;

        String line(byte[] bytes) throws InvalidProtocolBufferException {
            return name() + "\t" + Base64.getEncoder().encodeToString(bytes) + "\t" + text(bytes);
        }

        private String text(byte[] bytes) throws InvalidProtocolBufferException {
            return TextFormat.printer().emittingSingleLine(true).printToString(parse(bytes));
        }
    }

    static Stream<Path> releases() throws IOException {
        try (Stream<Path> folders = Files.list(RECORDED)) {
            return folders.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("releases")
    void what_a_release_wrote_means_the_same(Path release) throws Exception {
        List<String> lines = Files.readAllLines(release.resolve(FILE));

        assertThat(lines).hasSizeGreaterThan(100);
        for (String line : lines) {
            String[] parts = line.split("\t", -1);
            Kind kind = Kind.valueOf(parts[0]);
            byte[] bytes = Base64.getDecoder().decode(parts[1]);
            assertThat(kind.line(bytes)).isEqualTo(line);
            assertThat(kind.throughCodec(bytes)).as(line).isEqualTo(bytes);
        }
    }

    @BeforeAll
    static void record_if_asked() throws IOException {
        String release = System.getProperty("holdfast.record");
        if (release != null) {
            Files.write(Files.createDirectories(RECORDED.resolve(release)).resolve(FILE), record());
        }
    }

    private static List<String> record() throws IOException {
        List<String> lines = new ArrayList<>();
        for (Command.ClientCommand command : Samples.CLIENT_COMMANDS) {
            SessionBatch batch = new SessionBatch(Samples.SESSION, 1, 2, List.of(new SequencedCommand(3, command)));
            lines.add(Kind.ENTRY.line(BatchCodec.encode(Batch.of(batch), 0)));
        }
        for (Command.SystemCommand command : Samples.SYSTEM_COMMANDS) {
            lines.add(Kind.ENTRY.line(BatchCodec.encode(Batch.ofSystem(command), 0)));
        }
        lines.add(Kind.ENTRY.line(BatchCodec.encode(Samples.batchOfEverything(), 0)));
        for (Outcome outcome : Samples.OUTCOMES) {
            SubmitReply reply =
                    new SubmitReply(Samples.SESSION, LogTime.NEVER, List.of(new SequencedOutcome(7, outcome)));
            lines.add(Kind.REPLY.line(ReplyCodec.encode(reply).toByteArray()));
        }
        for (Event event : Samples.EVENTS) {
            lines.add(Kind.EVENT.line(
                    OutcomeCodec.encode(new NumberedEvent(8, event)).toByteArray()));
        }
        for (Query query : Samples.QUERIES) {
            lines.add(Kind.QUERY.line(QueryCodec.encode(query).toByteArray()));
        }
        for (Answer answer : Samples.ANSWERS) {
            lines.add(Kind.ANSWER.line(QueryCodec.encode(answer).toByteArray()));
        }
        return lines;
    }
}
