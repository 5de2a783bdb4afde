package dev.holdfast.jepsen.workload;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.jepsen.cluster.Reach;
import java.io.IOException;
import java.util.List;

/**
 * A group of callers in a process of its own, on a thin client. It works until its standard input ends, and then
 * finishes what it is doing.
 *
 * <p>Arguments: servers, and those of a {@link WorkloadPlan}.
 */
public final class WorkloadMain {
    public static void main(String[] args) throws IOException, InterruptedException {
        List<String> arguments = List.of(args);
        WorkloadPlan plan = WorkloadPlan.parse(arguments.subList(1, arguments.size()));
        ClientOptions options = plan.kind().clientOptions("group-" + plan.firstProcess());
        ClusterTransport cluster = new RepeatingCluster(
                Reach.peers(arguments.get(0), RemoteOptions.named(options.name())), plan.seed() + plan.firstProcess());
        try (HoldfastClient client = Holdfast.client(cluster, options);
                Workload workload = Workload.start(plan, client)) {
            while (System.in.read() != -1) {
                // Only the end matters.
            }
            workload.stop();
        }
    }

    private WorkloadMain() {}
}
