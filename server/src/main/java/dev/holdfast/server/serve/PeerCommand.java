package dev.holdfast.server.serve;

import dev.holdfast.node.HoldfastNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * One peer as a child process, for the demo. It prints {@code ready} when it serves, then {@code leader} and
 * {@code follower} as its part changes, and ends when its standard input does: so it never outlives its parent.
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
            Thread watcher = new Thread(() -> printRoles(node), "role");
            watcher.setDaemon(true);
            watcher.start();
            awaitEndOfInput();
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

    private static void awaitEndOfInput() throws IOException {
        while (System.in.read() >= 0) {
            // Only its end means something.
        }
    }
}
