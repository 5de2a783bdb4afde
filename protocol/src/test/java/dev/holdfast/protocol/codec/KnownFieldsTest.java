package dev.holdfast.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.v1.BatchProto;
import dev.holdfast.protocol.v1.SessionBatchProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a newer release added to a log entry or to what its clients ask is refused, not left out. */
class KnownFieldsTest {
    private static final UnknownFieldSet NEWER = UnknownFieldSet.newBuilder()
            .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(7).build())
            .build();

    private static final String FIELD_99 = "field 99 of \\w+Proto is not known to this release: .*newer.*";

    /** The message with one field more: in itself, or in one of those in it. */
    private static List<Message> extensions(Message message) {
        List<Message> extended = new ArrayList<>();
        extended.add(message.toBuilder().setUnknownFields(NEWER).build());
        message.getAllFields().forEach((field, value) -> {
            if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                if (field.isRepeated()) {
                    for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
                        int at = i;
                        extensions((Message) message.getRepeatedField(field, i))
                                .forEach(one -> extended.add(message.toBuilder()
                                        .setRepeatedField(field, at, one)
                                        .build()));
                    }
                } else {
                    extensions((Message) value)
                            .forEach(one -> extended.add(
                                    message.toBuilder().setField(field, one).build()));
                }
            }
        });
        return extended;
    }

    @Test
    void a_log_entry_with_a_field_that_is_not_known_anywhere_in_it_is_refused() throws IOException {
        BatchProto entry = BatchProto.parseFrom(BatchCodec.encode(Samples.batchOfEverything(), 0));
        assertThat(extensions(entry))
                .hasSizeGreaterThan(100)
                .allSatisfy(extended -> assertThatThrownBy(() -> BatchCodec.decode(extended.toByteArray(), 0))
                        .isInstanceOf(MalformedMessageException.class)
                        .hasMessageMatching(FIELD_99));
    }

    @Test
    void what_a_client_asks_in_a_field_that_is_not_known_is_refused() throws IOException {
        for (SessionBatch batch : Samples.batchOfEverything().sessions()) {
            SessionBatchProto asked = SessionBatchProto.parseFrom(BatchCodec.encode(batch));
            assertThat(extensions(asked))
                    .isNotEmpty()
                    .allSatisfy(
                            extended -> assertThatThrownBy(() -> BatchCodec.decode(extended.toByteString(), 1000, 4096))
                                    .isInstanceOf(MalformedMessageException.class)
                                    .hasMessageMatching(FIELD_99));
        }
    }

    @Test
    void a_known_field_of_another_type_is_not_known() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.writeFixed64(SessionBatchProto.OUTCOMES_ACKNOWLEDGED_FIELD_NUMBER, 1);
        out.flush();

        assertThatThrownBy(() -> BatchCodec.decode(ByteString.copyFrom(bytes.toByteArray()), 10, 100))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("field 2 of SessionBatchProto");
        assertThatThrownBy(
                        () -> KnownFields.of(SessionBatchProto.getDescriptor()).check(bytes.toByteArray()))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("field 2 of SessionBatchProto");
    }

    @Test
    void what_is_known_passes_and_what_is_no_message_does_not() {
        KnownFields batch = KnownFields.of(BatchProto.getDescriptor());
        byte[] bytes = BatchCodec.encode(Samples.batchOfEverything(), 0);

        assertThatCode(() -> batch.check(bytes)).doesNotThrowAnyException();
        bytes[1] = (byte) 0xff;
        bytes[2] = (byte) 0xff;
        assertThatThrownBy(() -> batch.check(bytes)).isInstanceOf(MalformedMessageException.class);
    }
}
