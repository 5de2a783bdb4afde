package app;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import java.time.Duration;

/** Takes a lock from a node in another process. */
public final class ThinClient {
    private ThinClient() {}

    public static void main(String[] args) throws InterruptedException {
        try (HoldfastClient client = Holdfast.connect(args[0])) {
            try (LockHandle held = client.createLock()
                    .hold(
                            client.processOwner(),
                            Holdfast.createLockable("nightly-report").of(),
                            AcquireOptions.defaults().wait(Duration.ofSeconds(60)))) {
                System.out.println("token " + held.token());
            }
        }
        System.out.println("closed");
    }
}
