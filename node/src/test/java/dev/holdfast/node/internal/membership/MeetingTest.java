package dev.holdfast.node.internal.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.node.internal.release.Supported;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MeetingTest {
    private static final Peer A = FakeCluster.peer("a");
    private static final Peer B = FakeCluster.peer("b");
    private static final Meeting PLAIN = new Meeting(
            new UUID(1, 2), new UUID(3, 4), true, A, B.id().toString(), 77, List.of(A, B), Supported.here());
    private static final Meeting FULL = new Meeting(
            new UUID(1, 2),
            new UUID(3, 4),
            true,
            A,
            "",
            77,
            List.of(),
            Supported.here(),
            JoinSecret.random(),
            List.of(A, B),
            Map.of(B.id(), "because of something", A.id(), "or other"));

    @Test
    void it_survives_its_encoding() {
        assertThat(Meeting.decode(PLAIN.encode())).isEqualTo(PLAIN);
        assertThat(Meeting.decode(FULL.encode())).isEqualTo(FULL);
    }

    @Test
    void one_that_is_not_about_joining_has_the_bytes_that_it_had_before_there_were_tokens() {
        byte[] plain = PLAIN.encode();
        byte[] withToken = PLAIN.withJoinToken(JoinSecret.random()).encode();

        assertThat(Arrays.copyOf(withToken, plain.length)).isEqualTo(plain);
        assertThat(withToken.length).isGreaterThan(plain.length);
    }

    @Test
    void what_a_later_release_adds_is_left_out() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(PLAIN.encode());
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF("favourite colour");
        out.writeInt(4);
        out.write("blue".getBytes(java.nio.charset.StandardCharsets.US_ASCII));

        assertThat(Meeting.decode(bytes.toByteArray())).isEqualTo(PLAIN);
    }

    @Test
    void what_is_cut_short_is_refused() {
        byte[] full = PLAIN.withJoinToken(JoinSecret.random()).encode();
        for (int length = PLAIN.encode().length + 1; length < full.length; length++) {
            byte[] cut = Arrays.copyOf(full, length);
            assertThatThrownBy(() -> Meeting.decode(cut)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void a_token_is_in_no_log() {
        JoinSecret secret = JoinSecret.random();
        assertThat(PLAIN.withJoinToken(secret).toString()).doesNotContain(secret.text());
    }
}
