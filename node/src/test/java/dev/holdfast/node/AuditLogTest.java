package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.node.leader.Replica;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class AuditLogTest {
    private static final Caller ROOT = new Caller("root \"the\\first\"", "10.0.0.7", 1_800_000_000_000L);

    private final Logger logger = (Logger) LoggerFactory.getLogger(AuditLog.NAME);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Replica replica = new Replica();
    private final AuditLog audit = new AuditLog(2, replica);
    private Level level;
    private long index;

    @BeforeEach
    void listen() {
        level = logger.getLevel();
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void fallSilent() {
        logger.detachAppender(lines);
        logger.setAdditive(true);
        logger.setLevel(level);
    }

    private List<String> written() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private Outcome apply(SessionId session, Command.ClientCommand... commands) {
        List<SequencedCommand> numbered = new ArrayList<>();
        for (Command.ClientCommand command : commands) {
            numbered.add(new SequencedCommand(command instanceof Command.OpenSession ? 0 : ++index, command));
        }
        SessionBatch batch = new SessionBatch(session, index - numbered.size(), 0, numbered).withCaller(ROOT);
        return replica.apply(++index, index, Batch.of(batch))
                .replies()
                .get(0)
                .outcomes()
                .get(0)
                .outcome();
    }

    private SessionId open() {
        Outcome opened = apply(new SessionId(7, 0), new Command.OpenSession(1000, "host", "client"));
        return ((Outcome.SessionOpened) opened).session();
    }

    private static Command force(String key) {
        return new Command.ForceRelease(LockableKey.mutex(key), Command.ForceRelease.ANY_TOKEN);
    }

    @Test
    void a_leader_writes_one_line_of_json_for_each_record() {
        SessionId session = open();
        audit.applied(true);
        assertThat(written()).isEmpty();

        apply(session, (Command.ClientCommand) force("a\"b\u2028"));
        audit.applied(true);
        audit.applied(true);

        assertThat(written())
                .containsExactly("{\"group\":2,\"number\":1,\"time\":\"2027-01-15T08:00:00Z\","
                        + "\"principal\":\"root \\\"the\\\\first\\\"\",\"address\":\"10.0.0.7\",\"action\":\"force-release\","
                        + "\"target\":\"mutex a\\\"b\\u2028\",\"detail\":\"nobody had a hold\"}");
    }

    @Test
    void what_was_recorded_while_another_led_is_not_written_here() {
        SessionId session = open();
        apply(session, (Command.ClientCommand) force("before"));
        audit.applied(false);
        apply(session, (Command.ClientCommand) force("after"));
        audit.applied(true);

        assertThat(written()).singleElement().asString().contains("mutex after");
    }

    @Test
    void an_entry_with_many_records_is_written_in_full() {
        SessionId session = open();
        Command.ClientCommand[] many = new Command.ClientCommand[900];
        for (int i = 0; i < many.length; i++) {
            many[i] = (Command.ClientCommand) force("k".repeat(1000) + i);
        }
        apply(session, many);
        audit.applied(true);

        assertThat(written()).hasSize(900);
        assertThat(written().get(899)).contains("k899");
    }
}
