package dev.holdfast.client.internal.hold;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** What a handle's lock or semaphore does for it, hooks included. Any thread may call it. */
public interface HandleOperations {
    void release(HoldHandle handle);

    CompletionStage<Void> releaseAsync(HoldHandle handle);

    void extend(HoldHandle handle, Duration ttl);
}
