package dev.holdfast.client.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.FailureFrame;
import dev.holdfast.client.v1.FailureKind;
import dev.holdfast.client.v1.LeaderHintProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class FailureCodecTest {
    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"CLOSED"})
    void a_kind_survives_the_journey(Kind kind) {
        FailureFrame frame = FailureCodec.encode(7, kind, "because", null);

        assertThat(frame.getRequestId()).isEqualTo(7);
        assertThat(FailureCodec.decode(frame, "a:1")).hasMessage("a:1: because").returns(kind, e -> e.kind());
        assertThat(FailureCodec.leader(frame)).isNull();
    }

    @Test
    void what_is_closed_or_not_known_leaves_the_outcome_unknown() {
        assertThat(FailureCodec.decode(FailureCodec.encode(1, Kind.CLOSED, null, null), "a"))
                .returns(Kind.OUTCOME_UNKNOWN, e -> e.kind());
        assertThat(FailureCodec.decode(FailureKind.FAILURE_KIND_UNSPECIFIED)).isEqualTo(Kind.OUTCOME_UNKNOWN);
        FailureFrame newer = FailureFrame.newBuilder().setKindValue(99).build();
        assertThat(FailureCodec.decode(newer.getKind())).isEqualTo(Kind.OUTCOME_UNKNOWN);
    }

    @Test
    void a_hint_survives_the_journey() {
        LeaderHint hint = new LeaderHint("b", new HostPort("::1", 7201));

        assertThat(FailureCodec.leader(FailureCodec.encode(1, Kind.NO_LEADER, "", hint)))
                .isEqualTo(hint);
    }

    @Test
    void a_hint_at_nowhere_is_none() {
        LeaderHintProto nowhere =
                LeaderHintProto.newBuilder().setHost("b").setPort(0).build();

        assertThat(FailureCodec.leader(
                        FailureFrame.newBuilder().setLeader(nowhere).build()))
                .isNull();
    }

    @Test
    void a_message_is_cut_to_a_bound() {
        FailureFrame frame = FailureCodec.encode(1, Kind.REFUSED, "x".repeat(100_000), null);

        assertThat(frame.getMessage()).hasSize(512);
    }
}
