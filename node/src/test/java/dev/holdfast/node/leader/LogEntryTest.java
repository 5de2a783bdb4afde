package dev.holdfast.node.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.codec.MalformedMessageException;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogEntryTest {
    private static final SessionBatch COMMANDS =
            new SessionBatch(new SessionId(1, 2), 3, 4, List.of(new SequencedCommand(5, new Command.Acknowledge())));
    private static final LogEntry ENTRY = new LogEntry(
            7, 1_000, new Batch(List.of(new Command.ExpireSession(new SessionId(8, 9))), List.of(COMMANDS)));

    @Test
    void it_survives_its_encoding() throws Exception {
        assertThat(LogEntry.decode(ENTRY.encode())).isEqualTo(ENTRY);
    }

    @Test
    void in_its_own_term_it_means_what_it_says() {
        assertThat(ENTRY.in(7)).isSameAs(ENTRY);
    }

    @Test
    void in_a_later_term_it_moves_no_clock_and_ends_no_session_but_the_commands_of_clients_count() {
        assertThat(ENTRY.in(9)).isEqualTo(new LogEntry(9, 0, new Batch(List.of(), List.of(COMMANDS))));
    }

    @Test
    void one_of_another_format_is_refused_by_name() {
        byte[] bytes = ENTRY.encode();
        bytes[0]++;
        assertThatThrownBy(() -> LogEntry.decode(bytes))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("upgrade this peer");
        assertThatThrownBy(() -> LogEntry.decode(new byte[3])).isInstanceOf(MalformedMessageException.class);
    }
}
