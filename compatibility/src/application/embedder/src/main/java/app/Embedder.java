package app;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.LockHandle;
import dev.holdfast.node.HoldfastNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Embeds a node, takes a lock, says where the node is reached, and closes it at the end of standard input. */
public final class Embedder {
    private Embedder() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        try (HoldfastNode node =
                HoldfastNode.builder().dataFolder(Path.of(args[0])).start()) {
            try (LockHandle held = node.client()
                    .createLock()
                    .hold(
                            node.client().processOwner(),
                            Holdfast.createLockable("nightly-report").of(),
                            AcquireOptions.defaults().wait(Duration.ofSeconds(60)))) {
                System.out.println("token " + held.token());
            }
            System.out.println("peer 127.0.0.1:" + node.member().clientPort());
            while (System.in.read() >= 0) {
                // Serves until then.
            }
        }
        System.out.println("closed");
    }
}
