package dev.holdfast.bench.trial;

import dev.holdfast.bench.cluster.ProcessCluster;
import dev.holdfast.bench.load.Crowd;
import dev.holdfast.client.HoldfastClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Many clients that are connected and do nothing. */
public final class IdleSessions implements Trial {
    private final int sessions;
    private final int connections;
    private final int seconds;
    private final Consumer<String> progress;

    public IdleSessions(int sessions, int connections, int seconds, Consumer<String> progress) {
        this.sessions = sessions;
        this.connections = Math.min(sessions, connections);
        this.seconds = seconds;
        this.progress = progress;
    }

    @Override
    public List<Findings> run(ProcessCluster cluster) throws IOException, InterruptedException {
        try (HoldfastClient observer = cluster.connect();
                Crowd crowd = new Crowd(cluster.addresses(), connections)) {
            crowd.open(sessions);
            progress.accept(sessions + " sessions are open");
            List<Figure> figures = new ArrayList<>();
            figures.add(Figure.count("sessions", sessions));
            figures.add(Figure.count("connections", connections));
            figures.addAll(Usage.over(cluster, seconds));
            long left = observer.sessions().count();
            if (left < sessions) {
                throw new IllegalStateException("of " + sessions + " sessions " + left + " are left");
            }
            return List.of(new Findings(0, figures));
        }
    }
}
