package dev.holdfast.node.internal.transport;

import dev.holdfast.client.remote.HostPort;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Answers with what it was asked, and remembers what it heard. */
class RecordingHost implements Host {
    final List<String> asked = new CopyOnWriteArrayList<>();
    final List<UUID> strangers = new CopyOnWriteArrayList<>();
    final List<String> entriesEnded = new CopyOnWriteArrayList<>();

    @Override
    public CompletionStage<byte[]> answer(String from, FrameKind question, byte[] body) throws RefusedException {
        asked.add(from + " " + question + " " + (body.length == 0 ? "" : body[0]));
        return CompletableFuture.completedFuture(body);
    }

    @Override
    public boolean isMember(String id) {
        return Set.of("a", "b", "c").contains(id);
    }

    /** Where members are dialled. */
    static Function<String, List<HostPort>> at(Map<String, HostPort> addresses) {
        return name -> addresses.containsKey(name) ? List.of(addresses.get(name)) : List.of();
    }

    @Override
    public boolean hasFormed() {
        return true;
    }

    @Override
    public void stranger(UUID cluster, boolean formed) {
        strangers.add(cluster);
    }

    @Override
    public void entriesEnded(String from) {
        entriesEnded.add(from);
    }
}
