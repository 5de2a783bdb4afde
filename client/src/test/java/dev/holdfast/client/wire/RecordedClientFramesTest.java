package dev.holdfast.client.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TextFormat;
import dev.holdfast.client.v1.ClientFrame;
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
 * What clients and peers of earlier releases say to each other, one message a line: its type, its bytes, and what they mean by
 * the names of the schema. They must mean the same for ever. A release is recorded once, with
 * {@code -Dholdfast.record=RELEASE}, and its file never changes after that.
 */
class RecordedClientFramesTest {
    private static final Path RECORDED = Path.of("src", "test", "resources", "recorded");
    private static final String FILE = "client-frames.txt";

    static Stream<Path> releases() throws IOException {
        try (Stream<Path> folders = Files.list(RECORDED)) {
            return folders.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("releases")
    void what_a_release_said_means_the_same(Path release) throws IOException {
        List<String> lines = Files.readAllLines(release.resolve(FILE));

        assertThat(lines).hasSizeGreaterThan(20);
        for (String line : lines) {
            String[] parts = line.split("\t", -1);
            Descriptor type = ClientFrame.getDescriptor().getFile().findMessageTypeByName(parts[0]);
            assertThat(type).as("type %s", parts[0]).isNotNull();
            assertThat(line(type, Base64.getDecoder().decode(parts[1]))).isEqualTo(line);
        }
    }

    private static String line(Descriptor type, byte[] bytes) throws InvalidProtocolBufferException {
        String text =
                TextFormat.printer().emittingSingleLine(true).printToString(DynamicMessage.parseFrom(type, bytes));
        return type.getName() + "\t" + Base64.getEncoder().encodeToString(bytes) + "\t" + text;
    }

    @BeforeAll
    static void record_if_asked() throws IOException {
        String release = System.getProperty("holdfast.record");
        if (release == null) {
            return;
        }
        List<String> lines = new ArrayList<>();
        for (Descriptor type : ClientFrame.getDescriptor().getFile().getMessageTypes()) {
            if (type.getOneofs().isEmpty()) {
                lines.add(line(type, full(type, null).toByteArray()));
            } else {
                for (FieldDescriptor choice : type.getOneofs().get(0).getFields()) {
                    lines.add(line(type, full(type, choice).toByteArray()));
                }
            }
        }
        Files.write(Files.createDirectories(RECORDED.resolve(release)).resolve(FILE), lines);
    }

    /**
     * A message with all that it can have.
     *
     * @param choice which one of those that exclude each other; {@code null} for the last
     */
    private static DynamicMessage full(Descriptor type, FieldDescriptor choice) {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        for (FieldDescriptor field : type.getFields()) {
            if (field.getContainingOneof() == null || choice == null || field.equals(choice)) {
                if (field.isRepeated()) {
                    message.addRepeatedField(field, value(field)).addRepeatedField(field, value(field));
                } else {
                    message.setField(field, value(field));
                }
            }
        }
        return message.build();
    }

    private static Object value(FieldDescriptor field) {
        int number = field.getNumber();
        return switch (field.getJavaType()) {
            case INT -> 40 + number;
            case LONG -> Long.MAX_VALUE - number;
            case BOOLEAN -> true;
            case STRING -> field.getName() + " \u20ac";
            case BYTE_STRING -> ByteString.copyFromUtf8(field.getName());
            case ENUM -> {
                var values = field.getEnumType().getValues();
                yield values.get(values.size() - 1);
            }
            case MESSAGE -> full(field.getMessageType(), null);
            case FLOAT, DOUBLE -> throw new IllegalArgumentException(field.getFullName());
        };
    }
}
