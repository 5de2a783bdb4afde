package dev.holdfast.server.serve;

import dev.holdfast.node.HoldfastNode;
import dev.holdfast.server.process.Daemons;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Runs one peer as a child process, for the demo. Prints {@code ready} when it serves, then {@code leader} and {@code follower}
 * as its role changes. Ends with its standard input, so that it never outlives its parent.
 */
@Command(name = "peer", hidden = true, description = "Runs one peer until standard input ends.")
public final class PeerCommand implements Callable<Integer> {
    private static final long ROLE_POLL_MS = 5;

    @Option(names = "--id", required = true)
    private String id = "";

    @Option(names = "--members", required = true, split = ",", paramLabel = "id=host:raftPort:clientPort")
    private String[] members = {};

    @Option(names = "--data", required = true)
    private Path data = Path.of("");

    @Override
    public Integer call() throws IOException {
        try (HoldfastNode node =
                HoldfastNode.builder().id(id).members(members).dataFolder(data).start()) {
            var unused = node.failure().thenAccept(cause -> Runtime.getRuntime().halt(1));
            System.out.println("ready");
            Daemons.start("role", () -> printRoles(node));
            StandardInput.awaitEnd();
        }
        return 0;
    }

    private static void printRoles(HoldfastNode node) {
        boolean led = false;
        try {
            while (true) {
                boolean leads = node.isLeader();
                if (leads != led) {
                    System.out.println(leads ? "leader" : "follower");
                    led = leads;
                }
                Thread.sleep(ROLE_POLL_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
