/** Who holds, who waits and who is connected, as the cluster answers: records, true of the moment they were read. */
@NullMarked
package dev.holdfast.client.info;

import org.jspecify.annotations.NullMarked;
