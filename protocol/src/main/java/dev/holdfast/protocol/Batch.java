package dev.holdfast.protocol;

import dev.holdfast.protocol.Command.SystemCommand;
import java.util.List;

/** The payload of one log entry: the leader's own commands, then those of the sessions, each in order. */
public record Batch(List<SystemCommand> system, List<SessionBatch> sessions) {
    public Batch {
        system = List.copyOf(system);
        sessions = List.copyOf(sessions);
    }

    public static Batch of(SessionBatch... sessions) {
        return new Batch(List.of(), List.of(sessions));
    }

    public static Batch ofSystem(SystemCommand... commands) {
        return new Batch(List.of(commands), List.of());
    }

    /** How many commands it carries in total. */
    public int size() {
        int size = system.size();
        for (SessionBatch session : sessions) {
            size += session.commands().size();
        }
        return size;
    }
}
