/** Internal: what the client may believe about leases, as pure arithmetic. No threads, no timers and no transport may enter. */
@NullMarked
package dev.holdfast.client.lease;

import org.jspecify.annotations.NullMarked;
