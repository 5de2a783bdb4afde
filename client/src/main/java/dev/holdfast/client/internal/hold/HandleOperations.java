package dev.holdfast.client.internal.hold;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** The lock or semaphore behind a handle: what the handle's methods call, hooks included. Any thread may call it. */
public interface HandleOperations {
    void release(HoldHandle handle);

    CompletionStage<Void> releaseAsync(HoldHandle handle);

    void extend(HoldHandle handle, Duration ttl);

    CompletionStage<Void> extendAsync(HoldHandle handle, Duration ttl);

    void expireIn(HoldHandle handle, Duration left);

    CompletionStage<Void> expireInAsync(HoldHandle handle, Duration left);

    /** The same, with another request timeout. */
    HandleOperations within(Duration requestTimeout);
}
