package dev.holdfast.bench.micro;

import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.List;

/** One session's numbers. When it builds a batch, it has received all earlier outcomes and events. */
final class Caller {
    private final SessionId session;
    private long lastSequence;
    private long lastEvent;

    Caller(SessionId session) {
        this.session = session;
    }

    SessionBatch batch(List<ClientCommand> commands) {
        long acknowledged = lastSequence;
        List<SequencedCommand> sequenced = new ArrayList<>(commands.size());
        for (ClientCommand command : commands) {
            sequenced.add(new SequencedCommand(++lastSequence, command));
        }
        return new SessionBatch(session, acknowledged, lastEvent, sequenced);
    }

    void received(long event) {
        lastEvent = event;
    }
}
