/** Work for a cluster, and what it took. Knows a client, but not where the cluster runs. */
@NullMarked
package dev.holdfast.bench.load;

import org.jspecify.annotations.NullMarked;
