/** Internal: what the client may believe about leases, as pure arithmetic. No threads, no timers and no transport may enter. */
@NullMarked
package dev.holdfast.client.internal.lease;

import org.jspecify.annotations.NullMarked;
