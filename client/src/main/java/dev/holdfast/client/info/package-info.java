/** What the cluster answers when it is asked who holds, who waits and who is connected: records, true of the moment they were read. */
@NullMarked
package dev.holdfast.client.info;

import org.jspecify.annotations.NullMarked;
